package marks

// Field is one number of a Mark, under the name it has wherever marks are stored or written.
type Field struct {
	Name string
	// Score says that the number is in ten-thousandths and is written as a fraction of 1.
	Score bool
	At    func(*Mark) *int
}

// Fields are the numbers of a Mark, all but Damage, in the order in which a ledger keeps them. A mark made again from them
// decides as the one measured did.
var Fields = []Field{
	{"x", false, func(m *Mark) *int { return &m.X }},
	{"y", false, func(m *Mark) *int { return &m.Y }},
	{"w", false, func(m *Mark) *int { return &m.W }},
	{"h", false, func(m *Mark) *int { return &m.H }},
	{"fill", true, func(m *Mark) *int { return (*int)(&m.Fill) }},
	{"outline", true, func(m *Mark) *int { return (*int)(&m.Outline) }},
	{"around", true, func(m *Mark) *int { return (*int)(&m.Around) }},
	{"dark", true, func(m *Mark) *int { return (*int)(&m.Dark) }},
	{"spread", true, func(m *Mark) *int { return (*int)(&m.Spread) }},
	{"overprint", true, func(m *Mark) *int { return (*int)(&m.Overprint) }},
	{"dx", false, func(m *Mark) *int { return &m.DX }},
	{"dy", false, func(m *Mark) *int { return &m.DY }},
	{"pieces", false, func(m *Mark) *int { return &m.Pieces }},
	{"largest", true, func(m *Mark) *int { return (*int)(&m.Largest) }},
	{"angle", false, func(m *Mark) *int { return &m.Angle }},
	{"off_x", true, func(m *Mark) *int { return (*int)(&m.OffX) }},
	{"off_y", true, func(m *Mark) *int { return (*int)(&m.OffY) }},
	{"arms", false, func(m *Mark) *int { return &m.Arms }},
	{"shade", true, func(m *Mark) *int { return (*int)(&m.Shade) }},
	{"beside", true, func(m *Mark) *int { return (*int)(&m.Beside) }},
	{"back", true, func(m *Mark) *int { return (*int)(&m.Back) }},
}
