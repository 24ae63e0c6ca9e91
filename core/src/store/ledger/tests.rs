//! The ledger on folders that the tests make.
