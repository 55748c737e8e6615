package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"recount/audit"
)

// version is the program's version, as it stands in every result. A change that can alter a vote changes it.
const version = "0.1.0"

// program names the program in results.
const program = "recount " + version

// The exit codes.
const (
	exitDone   = 0 // done and clean
	exitFailed = 1
	exitUsage  = 2
	exitLook   = 3 // done, but people must look
)

// errLook ends a command that did its work and found something people must look at. It prints nothing more.
var errLook = errors.New("people must look")

// errFailed ends a command that printed its own bad news.
var errFailed = errors.New("failed")

// usageError is a command line that cannot be followed.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// run runs one command line and gives its exit code. It touches nothing but what it is given, so tests run it in process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := newApp(stdin, stdout, stderr)
	args, err := flagsFirst(app, args)
	if err == nil {
		err = app.RunContext(ctx, args)
	}
	var usage *usageError
	var noHelp cli.ExitCoder // the library's, of help on a command that is none
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errLook):
		return exitLook
	case errors.Is(err, errFailed):
		return exitFailed
	case errors.As(err, &usage), errors.As(err, &noHelp):
		fmt.Fprintf(stderr, "recount: %s\nTry: recount help\n", lines(err))
		return exitUsage
	}
	fmt.Fprintf(stderr, "recount: %s\n", lines(err))
	return exitFailed
}

// lines is an error's text, which may quote a stranger's file, safe for a terminal.
func lines(err error) string {
	text := strings.Split(err.Error(), "\n")
	for i := range text {
		text[i] = audit.Shown(text[i])
	}
	return strings.Join(text, "\n")
}

// newApp builds the command line. Every subcommand has its own file.
func newApp(stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	onUsage := func(_ *cli.Context, err error, _ bool) error { return usagef("%v", err) }
	app := &cli.App{
		Name:  "recount",
		Usage: "read scanned paper ballots on their own and set them beside the machine's count",
		Description: "Exit status: 0 done and clean, 1 failed, 2 usage, 3 done but people must look\n" +
			"(questionable marks, refused scans or differences).",
		Reader:      stdin,
		Writer:      stdout,
		ErrWriter:   stderr,
		HideVersion: true,
		// A file name may hold a comma.
		DisableSliceFlagSeparator: true,
		HideHelpCommand:           false,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              onUsage,
		UseShortOptionHandling:    false,
		Commands: []*cli.Command{
			readCommand(), workCommand(), statusCommand(), joinCommand(), decideCommand(), compareCommand(), reportCommand(), reviewCommand(), tallyCommand(), convertCommand(), inspectCommand(), verifyCommand(), verifyRunCommand(), templateCommand(), limitsCommand(),
			demoCommand(), fixturesCommand(), versionCommand(),
		},
		Flags: []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "print the program's version"}},
		Action: func(c *cli.Context) error {
			if c.Bool("version") && c.NArg() == 0 {
				_, err := fmt.Fprintln(c.App.Writer, program)
				return err
			}
			if c.NArg() > 0 {
				return usagef("no command %q: there are %s", c.Args().First(), strings.Join(commandNames(c.App.Commands), ", "))
			}
			return cli.ShowAppHelp(c)
		},
	}
	var each func(cs []*cli.Command)
	each = func(cs []*cli.Command) {
		for _, c := range cs {
			c.OnUsageError = onUsage
			// The library gives every command a subcommand help, or h, which would take the place of a folder of that name.
			c.HideHelpCommand = len(c.Subcommands) == 0
			each(c.Subcommands)
		}
	}
	each(app.Commands)
	return app
}

func commandNames(cs []*cli.Command) []string {
	var names []string
	for _, c := range cs {
		if !c.Hidden && c.Name != "help" {
			names = append(names, c.Name)
		}
	}
	return names
}

// flagsFirst puts the flags of a subcommand before its arguments, where the library wants them, so that
// `recount read scans --out run` works as people type it. After "--" everything is an argument. An empty name or value, as a script
// makes of a variable that is not set, is refused: it would be the folder one stands in, or the default.
func flagsFirst(app *cli.App, args []string) ([]string, error) {
	if len(args) < 2 {
		return args, nil
	}
	head, rest, commands := args[:1:1], args[1:], app.Commands
	var flags []cli.Flag
	for len(rest) > 0 {
		c := commandNamed(commands, rest[0])
		if c == nil {
			break
		}
		head, rest, flags, commands = append(head, rest[0]), rest[1:], c.Flags, c.Subcommands
	}
	if len(head) == 1 {
		return args, nil
	}
	takesValue := map[string]bool{}
	for _, f := range flags {
		_, isBool := f.(*cli.BoolFlag)
		for _, n := range f.Names() {
			takesValue[n] = !isBool
		}
	}
	var before, after []string
	for len(rest) > 0 {
		a := rest[0]
		rest = rest[1:]
		if a == "--" {
			after = append(after, rest...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			after = append(after, a)
			continue
		}
		before = append(before, a)
		name, value, joined := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if !joined && !takesValue[name] {
			continue
		}
		if !joined {
			if len(rest) == 0 {
				return nil, usagef("%s wants a value", a)
			}
			value, rest = rest[0], rest[1:]
			before = append(before, value)
		}
		if value == "" {
			return nil, usagef("%s has an empty value: leave it out, or say one", a)
		}
	}
	if slices.Contains(after, "") {
		return nil, usagef("an argument of %s is empty", strings.Join(head, " "))
	}
	out := append(head, before...)
	if len(after) > 0 {
		out = append(append(out, "--"), after...)
	}
	return out, nil
}

func commandNamed(cs []*cli.Command, name string) *cli.Command {
	for _, c := range cs {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

// needs checks that the flags were given.
func needs(c *cli.Context, flags ...string) error {
	for _, f := range flags {
		if c.String(f) == "" {
			return usagef("%s needs --%s", c.Command.HelpName, f)
		}
	}
	return nil
}

// noArguments refuses arguments that would be ignored.
func noArguments(c *cli.Context) error {
	if c.NArg() > 0 {
		return usagef("%s takes no argument, and %q is one", c.Command.HelpName, c.Args().First())
	}
	return nil
}

// printJSON writes v as the command's result.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// versionCommand prints the version.
func versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the program's version",
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			_, err := fmt.Fprintln(c.App.Writer, program)
			return err
		},
	}
}
