//! Nothing: this package only holds tests that go across the parts.
