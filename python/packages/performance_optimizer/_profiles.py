"""Profiles: the part of an optimizer that keeps them."""

from __future__ import annotations

import json
import time
from collections.abc import MutableMapping
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from unified_system_monitor import InvalidStateError

from . import _convert as convert
from ._identity import refused
from ._records import PerformanceProfile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unified_system_monitor import _native as native

_NAMES = [field.name for field in fields(PerformanceProfile)]


class ProfilesByName(MutableMapping[str, PerformanceProfile]):
    """The profiles of an optimizer as a mapping."""

    __slots__ = ("_keeper",)

    def __init__(self, keeper: Profiles) -> None:
        self._keeper = keeper

    def __getitem__(self, name: str) -> PerformanceProfile:
        return self._all()[name]

    def __setitem__(self, name: str, profile: PerformanceProfile) -> None:
        self._keeper.create_profile(profile, profile_name=name)

    def __delitem__(self, name: str) -> None:
        if name not in self._all():
            raise KeyError(name)
        self._keeper.delete_profile(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def _all(self) -> dict[str, PerformanceProfile]:
        profiles = map(convert.profile_of, self._keeper._engine.profiles())
        return {profile.profile_name: profile for profile in profiles}


class Profiles:
    """Lists, makes, applies, exports and deletes profiles."""

    _native: native.Optimizer | None = None

    @property
    def performance_profiles(self) -> ProfilesByName:
        """The profiles by name, built-in ones first; a live view.

        Assigning to a name stores the profile, ``del`` deletes it. A profile that is read is a
        copy: assign it to have a change stored.
        """
        return ProfilesByName(self)

    @property
    def current_profile(self) -> PerformanceProfile:
        """The profile in force; assign a name or a profile to put another one in force."""
        return convert.profile_of(self._engine.current_profile())

    @current_profile.setter
    def current_profile(self, profile: str | PerformanceProfile) -> None:
        self.apply_profile(profile)

    def list_profiles(self) -> list[str]:
        """Return the names, built-in ones first."""
        return [profile["profile_name"] for profile in self._engine.profiles()]

    def create_profile(
        self, profile: PerformanceProfile | None = None, **changes: Any
    ) -> PerformanceProfile:
        """Make or replace a profile, from a whole one or from its fields, and return it.

        What is not given is as in ``balanced``.
        """
        balanced = self._engine.profile("balanced")
        for name in changes:
            if name not in _NAMES:
                raise refused("field", name, f"one of {', '.join(_NAMES)}")
        if profile is None:
            if "profile_name" not in changes:
                raise refused("profile_name", None, "the name of the profile")
            profile = convert.profile_of(balanced)
            changes.setdefault("created_at", time.time())
        elif not isinstance(profile, PerformanceProfile):
            found = type(profile).__name__
            raise TypeError(f"a profile must be a PerformanceProfile, not {found}")
        made = replace(profile, **{**changes, "built_in": False})
        self._engine.save_profile(convert.native_profile(made, balanced))
        return convert.profile_of(self._engine.profile(made.profile_name))

    def apply_profile(self, profile: str | PerformanceProfile) -> None:
        """Put a profile in force, now and for later optimizers of this data folder.

        A whole profile is saved first, unless it is as it is stored.
        """
        if isinstance(profile, PerformanceProfile):
            stored = self.performance_profiles.get(profile.profile_name)
            if stored is None or asdict(stored) != asdict(profile):
                profile = self.create_profile(profile)
            profile = profile.profile_name
        self._engine.apply_profile(profile)

    def export_profile(self, name: str) -> dict[str, Any]:
        """Return a profile as a dict of plain values, fit for ``json.dumps``."""
        return self._engine.profile(name)

    def import_profile(self, profile: dict[str, Any] | str) -> PerformanceProfile:
        """Make or replace a profile from a dict or its JSON text, and return it."""
        found: Any = profile
        if isinstance(profile, str):
            try:
                found = json.loads(profile)
            except ValueError as error:
                raise refused("profile", profile[:80], f"a JSON object: {error}") from None
        if not isinstance(found, dict):
            raise refused("profile", found, "a dict or the text of a JSON object")
        return self.create_profile(**found)

    def delete_profile(self, name: str) -> None:
        """Delete a profile; ``balanced`` is in force then if it was that one."""
        self._engine.delete_profile(name)

    def _save_performance_profile(self, profile: PerformanceProfile) -> None:
        self.create_profile(profile)

    def _load_performance_profiles(self) -> None:
        """Serve the prototype's scripts: ``performance_profiles`` is always as it is stored."""

    @property
    def _engine(self) -> native.Optimizer:
        if self._native is None:
            raise InvalidStateError("the optimizer was not made")
        return self._native
