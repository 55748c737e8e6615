package audit_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
)

// Names of strangers are shown as text wherever they stand, and the page asks for nothing from outside.
func TestPageShowsNamesAsText(t *testing.T) {
	const evil = `<script>alert("1")</script><img src=x onerror=alert(1)>`
	e := town()
	e.Title, e.Contests[0].Title, e.Contests[0].Choices[1].Name = evil, evil, evil
	s := compareTown(t, e, audit.SheetOptions{Limit: audit.DefaultLimit}, []string{row(1, "01001100010")}, sheet(e, "a-dem", "c", "d", "yes"))
	c, err := audit.Compare(e, counted(t, e).Totals(), readMachine(t, "contest,candidate,votes\n\""+strings.ReplaceAll(evil, `"`, `""`)+"\",A. Adams,3\nQuestion 1,Yes,1\n"), audit.Options{})
	require.NoError(t, err)
	p := &audit.Page{Title: evil, Jurisdiction: evil, Program: evil, Sheets: 1, Records: s, Comparison: c, RefusedAll: 3, Totals: counted(t, e).Totals(),
		Facts: []audit.Fact{{Name: evil, Value: evil}}, Outcomes: []audit.Fact{{Name: evil, Value: "1"}}, Refused: []audit.Remark{{Name: evil, Text: evil}},
		Accounting: []audit.Remark{{Name: evil, Text: evil}},
		Near:       []audit.NearLimit{{Limit: evil, Measure: evil, Below: []audit.NearTarget{{Image: evil, Contest: evil, Choice: evil}}}},
		Batches:    []audit.BatchCount{{Name: evil, Odd: []string{evil}}}, Chart: []byte("<svg/>"), Notes: []string{evil},
		Cases: []audit.Case{{Sheet: evil, Contest: evil, Kind: evil, Class: evil, Ours: evil, Machine: evil, Detail: evil, NoCrop: evil,
			Marks: []audit.MarkSeen{{Image: evil, Choice: evil, Reason: evil}}, Crops: []audit.Crop{{PNG: []byte("x"), Caption: evil}}}}}
	var b bytes.Buffer
	require.NoError(t, p.WriteHTML(&b))
	text := b.String()
	assert.NotContains(t, text, "<script")
	assert.NotContains(t, text, "<img src=x")
	assert.Contains(t, text, "&lt;script&gt;")
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		assert.True(t, strings.HasPrefix(m[1], "#") || strings.HasPrefix(m[1], "data:image/png;base64,") || strings.HasPrefix(m[1], "data:image/svg&#43;xml;base64,"), m[1])
	}
	for _, outside := range []string{"http:", "https:", "url(", "@import", "<link", "<iframe", "<object", "<form", "<base"} {
		assert.NotContains(t, strings.ToLower(text), outside)
	}
	assert.Contains(t, text, `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`, "what the page itself forbids, no browser asks for")
	assert.NotContains(t, strings.ToLower(text), "risk limit met")
	var again bytes.Buffer
	require.NoError(t, p.WriteHTML(&again))
	assert.Equal(t, text, again.String())
	// Every element is closed in its place.
	d := xml.NewDecoder(&b)
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
}
