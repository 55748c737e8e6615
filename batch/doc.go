// Package batch walks a folder of scans through the whole line with many workers, accounts for every input once in the
// ledger, and writes the results.
package batch
