package election

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Kind is a kind of definition that other programs write.
type Kind string

// The kinds that are read here.
const (
	VotingWorks Kind = "votingworks"  // VotingWorks election.json
	AccuVote    Kind = "avs"          // AccuVote interface XML, AVSInterface
	NIST150020  Kind = "nist-1500-20" // NIST SP 1500-20 Ballot Definition
)

// errKind says that a file is of no kind known.
var errKind = errors.New("the file is none of: a VotingWorks election.json, an AccuVote AVSInterface XML file, a NIST SP 1500-20 Ballot Definition; if it is one, say which with --from")

// KindOf tells by its content what wrote a definition.
func KindOf(data []byte) (Kind, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(data) == 0 || len(data) > MaxFile || !utf8.Valid(data) {
		return "", errKind
	}
	if data[0] == '<' {
		if bytes.Contains(data[:min(len(data), 64<<10)], []byte("<AVSInterface")) {
			return AccuVote, nil
		}
		return "", errKind
	}
	if _, err := checkJSON(data); err != nil {
		return "", errKind
	}
	var top map[string]json.RawMessage
	if json.Unmarshal(data, &top) != nil {
		return "", errKind
	}
	var class string
	_ = json.Unmarshal(top["@type"], &class) // one that is no text is no class
	has := func(key string) bool { _, ok := top[key]; return ok }
	switch {
	case strings.HasSuffix(class, "BallotDefinition"), has("Election") && has("SequenceStart"):
		return NIST150020, nil
	case has("contests") && has("ballotStyles"):
		return VotingWorks, nil
	}
	return "", errKind
}
