package audit

// TraceCells is traceCells, for the tests.
const TraceCells = traceCells
