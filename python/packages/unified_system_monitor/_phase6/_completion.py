"""Scripts that complete ``phase6-cli`` in a shell, made of its parser."""

from __future__ import annotations

import argparse
import re
from typing import Any

from .. import _native

_BASH = """\
# Completes phase6-cli in bash.
_phase6_cli() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words
    case $before in
        --set) words="{settings}" ;;
        --data-dir)
            local IFS=$'\\n'
            COMPREPLY=($(compgen -d -- "$current"))
            return ;;
        *) case ${{COMP_WORDS[1]}} in
{cases}
            *) words="{commands} --help" ;;
        esac ;;
    esac
    [ "$COMP_CWORD" -gt 1 ] || words="{commands} --help"
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F _phase6_cli phase6-cli
"""
_ZSH = """\
#compdef phase6-cli
# Completes phase6-cli in zsh.
_phase6_cli() {{
    local -a commands settings
    commands=(
{commands}
    )
    settings=({settings})
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    case $words[2] in
{cases}
    esac
}}
if [ "$funcstack[1]" = "_phase6_cli" ]; then _phase6_cli "$@"; else
    compdef _phase6_cli phase6-cli
fi
"""
_ZSH_VALUES = {"--set": ":setting:($settings):value:", "--data-dir": ":folder:_files -/"}


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script for ``bash``, ``zsh`` or ``fish``."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](_commands(parser))


_Option = tuple[str, str, bool]
_Commands = dict[str, tuple[str, list[_Option], list[str]]]


def _commands(parser: argparse.ArgumentParser) -> _Commands:
    """Return of each command what it is for, its options, and the words that it takes."""
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    about = {choice.dest: choice.help or "" for choice in commands._choices_actions}
    found: _Commands = {}
    for name, command in commands.choices.items():
        options: list[_Option] = []
        words: list[str] = []
        for action in command._actions:
            if action.option_strings:
                takes = action.nargs != 0
                options.append((action.option_strings[-1], action.help or "", takes))
            else:
                words += _choices(action)
        found[name] = (about[name], options, words)
    return found


def _choices(action: Any) -> list[str]:
    return [str(choice) for choice in action.choices or ()]


def _bash(commands: _Commands) -> str:
    cases: list[str] = []
    for name, (_, options, words) in commands.items():
        offered = " ".join([*words, *(option for option, _, _ in options)])
        cases.append(f'            {name}) words="{offered}" ;;')
    return _BASH.format(
        settings=" ".join(_native.setting_names()),
        cases="\n".join(cases),
        commands=" ".join(commands),
    )


def _zsh(commands: _Commands) -> str:
    def within(quotes: str, text: str) -> str:
        # Of _describe and _arguments themselves: a colon ends a part, a bracket an explanation.
        parted = re.sub(r"([:\[\]])", r"\\\1", text)
        return (
            parted.replace("'", "'\\''") if quotes == "'" else re.sub(r'(["$`])', r"\\\1", parted)
        )

    listed: list[str] = []
    cases: list[str] = []
    for name, (about, options, words) in commands.items():
        told = within("'", about)
        listed.append(f"        '{name}:{told}'")
        specs: list[str] = []
        for option, text, takes in options:
            explained = within('"', text)
            value = _ZSH_VALUES.get(option, ":value:") if takes else ""
            specs.append(f'"{option}[{explained}]{value}"')
        specs += [f'"1:shell:({" ".join(words)})"'] if words else []
        cases.append(
            f"        {name}) shift words; (( CURRENT-- )); _arguments {' '.join(specs)} ;;"
        )
    return _ZSH.format(
        commands="\n".join(listed),
        settings=" ".join(_native.setting_names()),
        cases="\n".join(cases),
    )


def _fish(commands: _Commands) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    lines = ["# Completes phase6-cli in fish.", "complete -c phase6-cli -f"]
    for name, (about, options, words) in commands.items():
        lines.append(
            f"complete -c phase6-cli -n __fish_use_subcommand -a {name} -d {quoted(about)}"
        )
        seen = f"-n '__fish_seen_subcommand_from {name}'"
        for option, text, takes in options:
            value = ""
            if option == "--set":
                value = f" -x -a {quoted(' '.join(_native.setting_names()))}"
            elif option == "--data-dir":
                value = " -x -a '(__fish_complete_directories)'"
            elif takes:
                value = " -x"
            lines.append(
                f"complete -c phase6-cli {seen} -l {option.lstrip('-')}{value} -d {quoted(text)}"
            )
        lines += [f"complete -c phase6-cli {seen} -a {quoted(' '.join(words))}"] if words else []
    return "\n".join(lines) + "\n"
