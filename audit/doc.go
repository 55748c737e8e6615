// Package audit adds up records, ours and machines', reads machines' and reported totals, and sets them side by side. It is
// the first room that may see a machine's answer; nothing before it can.
package audit
