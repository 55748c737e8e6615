package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// contract is docs/OUTPUT.md.
func contract(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "OUTPUT.md"))
	require.NoError(t, err)
	return string(text)
}

// keysOf lists the keys of a JSON text's objects, but for those whose names are data.
func keysOf(t *testing.T, text []byte) []string {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(text, &v))
	var keys []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				keys = append(keys, k)
				if k != "limits" && k != "tried" {
					walk(inner)
				}
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(v)
	return keys
}

func TestEveryColumnAndKeyIsInTheContract(t *testing.T) {
	text, dir := contract(t), suite(t)
	out := filepath.Join(t.TempDir(), "run")
	definition := filepath.Join(dir, "election.json")
	named := func(where string, keys []string) {
		require.NotEmpty(t, keys, where)
		for _, k := range keys {
			assert.True(t, strings.Contains(text, "`"+k+"`"), "docs/OUTPUT.md must name `%s` of %s", k, where)
		}
	}
	_, stdout, stderr := recount(t, "read", "--json", "--election", definition, "--out", out, filepath.Join(dir, "images"))
	require.NotEmpty(t, stdout, stderr)
	named("read --json", keysOf(t, []byte(stdout)))

	files, err := os.ReadDir(out)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		assert.True(t, strings.Contains(text, "### "+f.Name()+"\n"), "docs/OUTPUT.md must describe %s", f.Name())
		data, err := os.ReadFile(filepath.Join(out, f.Name()))
		require.NoError(t, err)
		switch {
		case f.Name() == "run.json":
			named(f.Name(), keysOf(t, data))
		case filepath.Ext(f.Name()) == ".csv":
			file, err := os.Open(filepath.Join(out, f.Name()))
			require.NoError(t, err)
			head, err := csv.NewReader(file).Read()
			file.Close()
			require.NoError(t, err)
			named(f.Name(), head)
		}
	}
	for _, args := range [][]string{
		{"compare", "--run", out, "--totals", filepath.Join(dir, "machine-altered.csv"), "--json"},
		{"compare", "--run", out, "--machine", filepath.Join(dir, "machine.csv"), "--reported", filepath.Join(dir, "machine-altered.csv"), "--json"},
		{"inspect", "--election", definition, "--json", filepath.Join(dir, "images", "sheet-0001-front.jpg")},
		{"verify", "--json", dir},
		{"verify-run", "--json", out, "--images", filepath.Join(dir, "images")},
		{"template", "check", "--json", "--election", definition, "--out", filepath.Join(t.TempDir(), "proof")},
	} {
		_, stdout, stderr := recount(t, args...)
		require.NotEmpty(t, stdout, stderr)
		named(args[0]+" --json", keysOf(t, []byte(stdout)))
	}
}

func TestEveryReasonIsInTheContract(t *testing.T) {
	text := contract(t)
	reason := regexp.MustCompile(`\bReason\s*=\s*"([a-z-]+)"`)
	for _, file := range []string{"scanner/errors.go", "template/refusal.go", "batch/read.go"} {
		source, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
		require.NoError(t, err)
		found := reason.FindAllStringSubmatch(string(source), -1)
		require.NotEmpty(t, found, file)
		for _, m := range found {
			assert.True(t, strings.Contains(text, "`"+m[1]+"`"), "docs/OUTPUT.md must explain `%s` of %s", m[1], file)
		}
	}
}
