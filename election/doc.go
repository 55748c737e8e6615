// Package election says what was voted on: contests, choices, ballot styles and where each style's targets lie, in
// inches on the paper. It reads and checks the definition file and builds one from a spreadsheet's contest list. It
// never sees a scan's marks.
package election
