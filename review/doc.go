// Package review takes a finished run and gives people a page in their browser to look at what is in question, decide it, and leave
// a trail: a log of decisions beside the run, chained by hash. It never changes the run, never listens beyond this machine, and
// never shows a person's decision as counted before it lies on the disk.
package review
