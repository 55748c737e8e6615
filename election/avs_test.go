package election

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const avsSmall = `<?xml version="1.0" encoding="UTF-8"?>
<AVSInterface>
 <AccuvoteHeaderInfo><ElectionDate>7/12/2022 12:00:00 </ElectionDate><ElectionName>General Election</ElectionName><TownName>Small
 Town</TownName><BallotSize>8.5X14</BallotSize></AccuvoteHeaderInfo>
 <Candidates>
  <OfficeName><Name>Sheriff</Name><WinnerNote> Vote for not more than 1</WinnerNote><X>1</X></OfficeName>
  <CandidateName><Party>DEM</Party><Name>Ada  Lark</Name><OX>236.1</OX><OY>200</OY><WriteIn>False</WriteIn></CandidateName>
  <CandidateName><Name>Sheriff</Name><OX>560.1</OX><OY>200</OY><WriteIn>True</WriteIn></CandidateName>
 </Candidates>
 <Candidates>
  <OfficeName><Name>Sheriff</Name><WinnerNote>Vote for any TWO</WinnerNote></OfficeName>
  <CandidateName><Name>Ben Moss</Name><OX>236.1</OX><OY>230</OY><WriteIn>False</WriteIn></CandidateName>
 </Candidates>
 <BallotPaperInfo><Questions>&lt;![CDATA[&lt;div&gt;QUESTIONS&lt;/div&gt; Are you sure? YES&amp;nbsp;&lt;IMG src="oval.png""&gt; NO &lt;img src="oval.png"&gt;&lt;p&gt;Really, truly?
 Yes &lt;IMG src="oval.png"&gt;No&lt;IMG src="oval.png"&gt; </Questions></BallotPaperInfo>
</AVSInterface>`

func TestReadAVS(t *testing.T) {
	a, err := ReadAVS("d.xml", []byte(avsSmall))
	require.NoError(t, err)
	assert.Equal(t, &AVS{Title: "General Election", Date: "2022-07-12", Town: "Small Town", Paper: "8.5X14",
		Contests: []AVSContest{
			{Title: "Sheriff", VoteFor: 1, Entries: []AVSEntry{{Name: "Ada Lark", Party: "DEM", X: 236.1, Y: 200, Line: 7}, {Name: "Write-in", WriteIn: true, X: 560.1, Y: 200, Line: 8}}},
			{Title: "Sheriff [2]", VoteFor: 2, Entries: []AVSEntry{{Name: "Ben Moss", X: 236.1, Y: 230, Line: 12}}}},
		Questions: []AVSQuestion{{Title: "QUESTIONS Are you sure?", Choices: []string{"YES", "NO"}}, {Title: "Really, truly?", Choices: []string{"Yes", "No"}}},
	}, a)
}

func TestReadAVSErrors(t *testing.T) {
	for _, row := range []struct{ name, old, new, want string }{
		{"no XML", "<?xml", "{", "d.xml"},
		{"cut short", "</AVSInterface>", "", "unexpected EOF"},
		{"another root", "AVSInterface>", "Interface>", "root is not AVSInterface"},
		{"types of its own", "<AVSInterface>", `<!DOCTYPE a [<!ENTITY x "y">]><AVSInterface>`, "declares types of its own"},
		{"an entity of nobody's", "Ben Moss", "&bomb;", "&bomb;"},
		{"another encoding", "UTF-8", "UTF-16", "UTF-16"},
		{"no number of votes", "Vote for not more than 1", "Vote", "line 6, OfficeName: the note \"Vote\""},
		{"two numbers of votes", "Vote for any TWO", "Vote for TWO, elect 3", "does not say how many"},
		{"no column", "<OX>560.1</OX>", "<OX></OX>", "line 8, CandidateName: OX \"\""},
		{"a column that is no number", "<OX>560.1</OX>", "<OX>NaN</OX>", `OX "NaN"`},
		{"no name", "<Name>Ben Moss</Name>", "<Name> </Name>", "line 12, CandidateName: the entry has no name"},
		{"WriteIn of another word", "<WriteIn>True</WriteIn>", "<WriteIn>perhaps</WriteIn>", `WriteIn is "perhaps"`},
		{"an office without entries", "<CandidateName><Name>Ben Moss</Name><OX>236.1</OX><OY>230</OY><WriteIn>False</WriteIn></CandidateName>", "", "line 10, Candidates"},
		{"questions without ovals", `oval.png`, `box.png`, "has no ovals to count"},
		{"an oval without a word", `QUESTIONS&lt;/div&gt; Are you sure? YES&amp;nbsp;`, "1", "an oval has no word before it"},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Contains(t, avsSmall, row.old)
			text := strings.ReplaceAll(avsSmall, row.old, row.new)
			_, err := ReadAVS("d.xml", []byte(text))
			var p *Problems
			require.ErrorAs(t, err, &p)
			assert.Contains(t, err.Error(), row.want)
			assert.Contains(t, err.Error(), "d.xml")
		})
	}
	deep := "<AVSInterface>" + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + "</AVSInterface>"
	_, err := ReadAVS("d.xml", []byte(deep))
	assert.ErrorContains(t, err, "nested too deep")
	_, err = ReadAVS("d.xml", []byte("<AVSInterface><a>"+strings.Repeat("x", maxAVSField+1)+"</a></AVSInterface>"))
	assert.ErrorContains(t, err, "more than 64 KiB of text")
}

func FuzzReadAVS(f *testing.F) {
	f.Add([]byte(avsSmall))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ReadAVS("f", data)
		if err != nil {
			return
		}
		for _, c := range a.Contests {
			assert.NotEmpty(t, c.Title)
			assert.NotEmpty(t, c.Entries)
			assert.Positive(t, c.VoteFor)
		}
	})
}

func TestVoteFor(t *testing.T) {
	for _, row := range []struct {
		note string
		want int
		ok   bool
	}{{"Vote for not more than 11", 11, true}, {"Vote for ONE", 1, true}, {"Vote for three (3)", 3, true}, {"", 0, false}, {"Vote for 0", 0, false}, {"Vote for 99999999999999999999", 0, false}, {"anyone", 0, false}} {
		got, ok := voteFor(row.note)
		assert.Equal(t, row.ok, ok, row.note)
		if ok {
			assert.Equal(t, row.want, got, row.note)
		}
	}
}
