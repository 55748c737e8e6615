package audit

// TraceCells is traceCells, for the tests.
const TraceCells = traceCells

// PersonVotes is what the tests of persons hold.
var PersonVotes = personVotes
