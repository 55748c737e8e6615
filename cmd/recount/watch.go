package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/urfave/cli/v2"

	"recount/batch"
)

// watchFlags are those of commands that run long.
func watchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "log", Value: "text", Usage: "progress and warnings on standard error as `FORM`: text or json (a line an object)"},
		&cli.StringFlag{Name: "metrics", Usage: "serve counters for Prometheus at http://`ADDRESS`/metrics: a port of this machine alone, or HOST:PORT"},
		&cli.StringFlag{Name: "pprof", Usage: "serve Go's profiles at http://`ADDRESS`/debug/pprof/: a port of this machine alone, or HOST:PORT"},
	}
}

// watched is a long command with all who watch it.
type watched struct {
	*progress
	logger  *slog.Logger
	mu      sync.Mutex
	now     batch.Progress
	servers []*http.Server
}

// watch starts what the flags ask for. End it when the command is done.
func watch(c *cli.Context) (*watched, error) {
	w := &watched{progress: newProgress(c.App.ErrWriter)}
	quiet := &slog.HandlerOptions{Level: slog.LevelWarn}
	switch form := c.String("log"); form {
	case "text":
		w.logger = slog.New(slog.NewTextHandler(c.App.ErrWriter, quiet))
	case "json":
		w.log = slog.New(slog.NewJSONHandler(c.App.ErrWriter, nil))
		w.logger = slog.New(slog.NewJSONHandler(c.App.ErrWriter, quiet))
	default:
		return nil, usagef("--log %s: say text or json", form)
	}
	w.heard = func(now batch.Progress) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.now = now
	}
	for flag, handler := range map[string]func() http.Handler{"metrics": w.metrics, "pprof": profiles} {
		if !c.IsSet(flag) {
			continue
		}
		if err := w.serve(c.App.ErrWriter, flag, c.String(flag), handler()); err != nil {
			w.end()
			return nil, err
		}
	}
	return w, nil
}

// end stops watching.
func (w *watched) end() {
	w.progress.end()
	for _, s := range w.servers {
		_ = s.Close() // it is told nothing more
	}
	w.servers = nil
}

// loopback is the address that a flag means: a port alone is this machine's, which nobody else reaches.
func loopback(text string) (string, error) {
	if n, err := strconv.ParseUint(strings.TrimPrefix(text, ":"), 10, 16); err == nil {
		return net.JoinHostPort("127.0.0.1", strconv.FormatUint(n, 10)), nil
	}
	host, port, err := net.SplitHostPort(text)
	if err == nil && host != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err == nil {
			return text, nil
		}
	}
	return "", errors.New("say a port, as 9090, or HOST:PORT")
}

func (w *watched) serve(say io.Writer, flag, address string, h http.Handler) error {
	at, err := loopback(address)
	if err != nil {
		return usagef("--%s %s: %v", flag, address, err)
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		return fmt.Errorf("--%s: %w: say another port", flag, err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	w.servers = append(w.servers, s)
	go func() { _ = s.Serve(l) }() // until end closes it
	path := map[string]string{"metrics": "/metrics", "pprof": "/debug/pprof/"}[flag]
	if w.log == nil {
		fmt.Fprintf(say, "%s: http://%s%s\n", flag, l.Addr(), path)
	} else {
		w.log.Info("serving", "what", flag, "url", "http://"+l.Addr().String()+path)
	}
	return nil
}

// profiles are Go's own.
func profiles() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("/debug/pprof/", pprof.Index)
	m.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	m.HandleFunc("/debug/pprof/profile", pprof.Profile)
	m.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	m.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return m
}

// metrics are how far the run is, and what the process takes.
func (w *watched) metrics() http.Handler {
	r := prometheus.NewRegistry()
	value := func(f func(batch.Progress) int) func() float64 {
		return func() float64 {
			w.mu.Lock()
			defer w.mu.Unlock()
			return float64(f(w.now))
		}
	}
	for i, o := range outcomeNames {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "recount_inputs_total", Help: "Inputs read so far, by outcome, before copies are looked for.",
			ConstLabels: prometheus.Labels{"outcome": string(o)}}, value(func(p batch.Progress) int { return p.Outcomes[i] })))
	}
	step := func(name string) func(batch.Progress) int {
		return func(p batch.Progress) int {
			if p.Step == name {
				return 1
			}
			return 0
		}
	}
	for _, name := range []string{"list", "read", "join", "write"} {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "recount_step", Help: "1 for the step that the run is at.",
			ConstLabels: prometheus.Labels{"step": name}}, value(step(name))))
	}
	r.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "recount_done", Help: "Files or sheets done in this step."}, value(func(p batch.Progress) int { return p.Done })),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "recount_total", Help: "Files or sheets of this step."}, value(func(p batch.Progress) int { return p.Total })),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "recount_workers", Help: "Processes at work on the database."}, value(func(p batch.Progress) int { return p.Workers })),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m := http.NewServeMux()
	m.Handle("/metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	return m
}
