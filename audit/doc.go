// Package audit adds up records and sets them beside a machine's totals. It is the first room that may see a machine's
// answer; nothing before it can.
package audit
