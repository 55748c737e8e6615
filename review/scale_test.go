//go:build unix

package review

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
)

// The sheets of the large run are the drawn run's, over and over under other names: 500 here, and as many as
// RECOUNT_REVIEW_SHEETS says where it is set. `RECOUNT_REVIEW_SHEETS=1000000 go test ./review -run Scale -v -timeout 60m` is the
// figure of docs/REVIEW.md.
func scaleSheets() int {
	if n, err := strconv.Atoi(os.Getenv("RECOUNT_REVIEW_SHEETS")); err == nil && n > 0 {
		return n
	}
	return 500
}

// enlarge copies a run's sheets within its ledger until there are n, each copy under a folder of its own. The pages keep their input:
// their pictures are there.
func enlarge(t *testing.T, from, to string, n int) {
	t.Helper()
	require.NoError(t, os.MkdirAll(to, 0o777))
	for _, name := range []string{"run.json", "totals.csv", "rescans.csv", batch.LedgerFile} {
		data, err := os.ReadFile(filepath.Join(from, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, name), data, 0o666))
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(to, batch.LedgerFile)+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-200000)")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	var sheets, sheetStep, pageStep int
	require.NoError(t, db.QueryRow(`SELECT (SELECT count(*) FROM sheets), (SELECT max(id) FROM sheets), (SELECT max(id) FROM pages)`).Scan(&sheets, &sheetStep, &pageStep))
	copies := max(0, n/sheets-1)
	columns := func(table string, change map[string]string) string {
		rows, err := db.Query(`SELECT name FROM pragma_table_info(?) ORDER BY cid`, table)
		require.NoError(t, err)
		defer rows.Close()
		var out []string
		for rows.Next() {
			var c string
			require.NoError(t, rows.Scan(&c))
			if to, ok := change[c]; ok {
				c = to
			}
			out = append(out, c)
		}
		require.NoError(t, rows.Err())
		return strings.Join(out, ", ")
	}
	folder := `'copy' || printf('%07d', i) || '/' || `
	sheet, page := fmt.Sprintf("+ i * %d", sheetStep), fmt.Sprintf("+ i * %d", pageStep)
	_, err = db.Exec(`CREATE TEMP TABLE first_marks AS SELECT * FROM marks; CREATE TEMP TABLE first_contests AS SELECT * FROM contests`)
	require.NoError(t, err)
	for _, c := range []struct {
		table, from string
		change      map[string]string
	}{
		{"sheets", "sheets WHERE id <= " + fmt.Sprint(sheetStep), map[string]string{"id": "id " + sheet, "name": folder + "name"}},
		{"pages", "pages WHERE id <= " + fmt.Sprint(pageStep), map[string]string{"id": "id " + page, "sheet": "sheet " + sheet, "image": folder + "image"}},
		{"marks", "first_marks", map[string]string{"page": "page " + page}},
		{"contests", "first_contests", map[string]string{"sheet": "sheet " + sheet}},
	} {
		where, more := c.from, ""
		if a, b, ok := strings.Cut(c.from, " WHERE "); ok {
			where, more = a, " WHERE "+b
		}
		_, err := db.Exec(fmt.Sprintf(`WITH RECURSIVE copies(i) AS (SELECT 1 WHERE %d > 0 UNION ALL SELECT i + 1 FROM copies WHERE i < %d) INSERT INTO %s SELECT %s FROM copies CROSS JOIN %s%s`,
			copies, copies, c.table, columns(c.table, c.change), where, more))
		require.NoError(t, err, c.table)
	}
}

// spent is how long an action took, and how much of that the processor worked for this process: other programs' load is not ours.
type spent struct{ wall, work time.Duration }

// timing measures an action.
func timing(act func()) spent {
	began, before := time.Now(), processor()
	act()
	return spent{time.Since(began), processor() - before}
}

// processor is the time that the processor has worked for this process.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// p95 is the time under which nineteen of twenty lie.
func p95(times []spent) (wall, work time.Duration) {
	of := func(at func(spent) time.Duration) time.Duration {
		var all []time.Duration
		for _, t := range times {
			all = append(all, at(t))
		}
		slices.Sort(all)
		return all[len(all)*95/100]
	}
	return of(func(s spent) time.Duration { return s.wall }), of(func(s spent) time.Duration { return s.work })
}

func TestScale(t *testing.T) {
	n := scaleSheets()
	dir := filepath.Join(t.TempDir(), "run")
	if kept := os.Getenv("RECOUNT_REVIEW_RUN"); kept != "" {
		dir = kept
	}
	if _, err := os.Stat(filepath.Join(dir, "run.json")); err != nil {
		enlarge(t, filepath.Join(suite(t), "run"), dir, n)
	}
	run, err := batch.OpenRun(dir)
	require.NoError(t, err)
	defer run.Close()
	o := Options{Run: run, Images: []string{filepath.Join(suite(t), "images")}, Log: filepath.Join(dir, "log.jsonl"), People: 1, Program: "recount test"}
	require.NoError(t, os.RemoveAll(o.Log))
	began := time.Now()
	s := serve(t, o)
	t.Logf("%d sheets: index and start in %s", n, time.Since(began).Round(time.Millisecond))
	b := visit(t, s, "Ann")
	limit := 50 * time.Millisecond
	said := func(name string, times []spent) {
		wall, work := p95(times)
		t.Logf("%-34s p95 of %4d: %8s, of that %8s work", name, len(times), wall.Round(10*time.Microsecond), work.Round(10*time.Microsecond))
		assert.Less(t, work, limit, name)
	}
	timed := func(name string, rounds int, act func(i int) *http.Request) {
		var times []spent
		for i := range rounds {
			r := act(i)
			var w *httptest.ResponseRecorder
			times = append(times, timing(func() { w = b.do(r) }))
			require.Less(t, w.Code, 400, "%s: %s", name, w.Body)
		}
		said(name, times)
	}
	get := func(path string) *http.Request { return b.request(http.MethodGet, path, "") }
	timed("first page", 20, func(int) *http.Request { return get("/") })
	timed("queue", 20, func(int) *http.Request { return get("/queue/questions") })
	group := s.groups(batch.KindQuestion)[0].ID
	timed("queue of one reason", 20, func(int) *http.Request { return get(fmt.Sprintf("/queue/questions?group=%d", group)) })
	var places []string
	after := batch.After{}
	for range 20 {
		items, err := s.items(batch.KindQuestion, 0, false, after, listed)
		require.NoError(t, err)
		if len(items) < listed {
			break
		}
		after = items[len(items)-1].After()
		places = append(places, placeText(after))
	}
	timed("queue, far on", len(places), func(i int) *http.Request { return get("/queue/questions?after=" + places[i]) })
	slot := busiest(s, func(l batch.Slot) int { return l.Questionable })
	timed("wall", 20, func(i int) *http.Request { return get(fmt.Sprintf("/wall/%d?zone=%d", slot.ID, i%3)) })
	for _, path := range []string{"/sheets", "/sheets?outcome=questions", "/sheets?style=" + s.election.Styles[0].ID, "/sheets?contest=" + s.election.Contests[0].ID, "/sheets?name=copy", "/sample?seed=1&n=20"} {
		timed(path, 10, func(int) *http.Request { return get(path) })
	}
	timed("/sheets?folder=.", 10, func(int) *http.Request { return get("/sheets?folder=.") })
	if n < 10_000 { // where there are few folders
		top := b.page("/sheets?folder=.")
		assert.Contains(t, top, ">sheet-0001-p1.png<")
		assert.NotRegexp(t, `"/sheet/[0-9]+">copy`, top, "what lies in folders is passed over")
	}
	var unsorted []spent
	for i := range 20 {
		unsorted = append(unsorted, timing(func() {
			_, _, _, err := s.index.WallUnsorted(slot.ID, int64(i*n/25), walled)
			require.NoError(t, err)
		}))
	}
	said("a blind review's wall", unsorted)
	// A thousand questions by keyboard: each the page, then the decision, which is on the disk when it is answered.
	rounds := min(1000, slot.Questionable*4)
	var fields []string
	path := "/next/questions"
	var pages, decisions []spent
	for range rounds {
		w := b.get(path)
		require.Equal(t, http.StatusSeeOther, w.Code)
		var page string
		pages = append(pages, timing(func() { page = b.page(w.Header().Get("Location")) }))
		fields = append(form(t, page, "decide"), "answer", "vote")
		decisions = append(decisions, timing(func() { w = b.post("/decide", fields...) }))
		require.Equal(t, http.StatusSeeOther, w.Code)
		path = w.Header().Get("Location")
	}
	said("a page with its question", pages)
	said("a decision, on the disk", decisions)
	// And by the wall, sixty at a time.
	var walls []spent
	logged := 0
	at := fmt.Sprintf("/wall/%d?zone=1", slot.ID)
	for logged < 1000 {
		page := b.page(at)
		bricks := brickField.FindAllStringSubmatch(page, -1)
		if len(bricks) == 0 {
			break
		}
		next := nextField.FindStringSubmatch(page)
		fields := []string{"slot", fmt.Sprint(slot.ID), "zone", "1", "next", next[1]}
		for _, m := range bricks {
			fields = append(fields, "b", m[1], "a", "vote")
		}
		var w *httptest.ResponseRecorder
		walls = append(walls, timing(func() { w = b.post("/wall", fields...) }))
		require.Equal(t, http.StatusSeeOther, w.Code)
		logged += len(bricks)
		if at = w.Header().Get("Location"); next[1] == "" {
			break
		}
	}
	said(fmt.Sprintf("a wall logged (%d targets in all)", logged), walls)
}
