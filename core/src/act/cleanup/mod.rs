//! Files that may go: found by rules, shown before, moved into a quarantine from which they
//! can be restored, and purged later.
