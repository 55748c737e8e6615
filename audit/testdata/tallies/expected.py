#!/usr/bin/env python3
"""Adds up the sample exports without any of this program's code, and writes what the tests expect.

    expected.py FORMATS-FOLDER

For each sample a CSV "contest,choice,party,votes", choices without a vote left out: plain sums over the files' own fields
(csv, json, xml.etree and zipfile of the standard library). A contest of N votes with more than N marks gives nobody a
vote; of a ranked contest the first rank that has a mark counts, unless two choices stand in it. Over Votes and Under Votes are rows as in
the program's tallies.
"""
import collections, csv, glob, json, os, re, sys, zipfile
import xml.etree.ElementTree as ET

root, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))


class Sum:
    def __init__(self):
        self.n = collections.Counter()

    def ballot(self, contest, allowed, marks, over=None, under=None):
        """marks: (choice, party, votes)."""
        total = sum(v for _, _, v in marks)
        lost = over if over is not None else (allowed if allowed and total > allowed else 0)
        if not (over is None and lost):
            for c, p, v in marks:
                self.n[contest, c, p] += v
        else:
            total = 0
        if under is None:
            under = allowed - total - lost
        self.n[contest, "Over Votes", ""] += lost
        self.n[contest, "Under Votes", ""] += under

    def write(self, name):
        with open(os.path.join(here, name + ".csv"), "w", newline="") as f:
            w = csv.writer(f, lineterminator="\n")
            w.writerow(["contest", "choice", "party", "votes"])
            for k in sorted(self.n):
                if self.n[k]:
                    w.writerow([*k, self.n[k]])


def written(name):
    return "Write-ins" if re.match(r"(?i)\W*write[ -]?in", name) else name


def dominion(path, name):
    rows = [[re.sub(r'^="(.*)"$', r"\1", c) for c in r] for r in csv.reader(open(path, encoding="utf-8-sig"))]
    s = Sum()
    for row in rows[4:]:
        by = collections.defaultdict(list)
        for i, v in enumerate(row):
            title = rows[1][i] if i < len(rows[1]) else ""
            if title and v:
                by[title].append((written(rows[2][i]), "" if written(rows[2][i]) == "Write-ins" else rows[3][i], int(v)))
        for title, marks in by.items():
            m = re.match(r"(.*) \(Vote For=(\d+)\)$", title)
            s.ballot(m[1], int(m[2]), [x for x in marks if x[2]])
    s.write(name)


def sessions(folder, name):
    read = lambda f: json.load(open(os.path.join(folder, f)))["List"]
    contests = {c["Id"]: c for c in read("ContestManifest.json")}
    candidates = {c["Id"]: c for c in read("CandidateManifest.json")}
    parties = {p["Id"]: p["Description"] for p in read("PartyManifest.json")}
    s = Sum()
    for f in glob.glob(folder + "/CvrExport*.json"):
        for session in json.load(open(f))["Sessions"]:
            for card in session["Original"]["Cards"]:
                for c in card["Contests"]:
                    if 7 in c["OutstackConditionIds"]:
                        continue
                    k = contests[c["Id"]]
                    first = {}
                    top = min([m["Rank"] for m in c["Marks"] if m["IsVote"]], default=1)
                    for m in c["Marks"]:
                        if m["IsVote"] and (m["Rank"] == top or k["NumOfRanks"] < 2):
                            d = candidates[m["CandidateId"]]
                            p = parties[d["Affiliations"][0]] if d["Affiliations"] and d["Type"] != "WriteIn" else ""
                            first[m["CandidateId"]] = ("Write-ins" if d["Type"] == "WriteIn" else d["Description"], p, 1)
                    label = k["Description"]
                    if sum(o["Description"] == label for o in contests.values()) > 1:
                        label += " [%d]" % k["Id"]
                    over = c["Overvotes"]
                    s.ballot(label, 1, [] if over else list(first.values()), over, None)
    s.write(name)


def nist(path, name):
    d = json.load(open(path))
    e = d["Election"][0]
    parties = {p["@id"]: p["Name"] for p in d["Party"]}
    people = {c["@id"]: c for c in e["Candidate"]}
    contests = {c["@id"]: c for c in e["Contest"]}
    titles = collections.Counter(c["Name"] for c in e["Contest"])
    label = lambda c: c["Name"] + (" [%s]" % c["@id"] if titles[c["Name"]] > 1 else "")

    def choice(s):
        if s.get("IsWriteIn"):
            return "Write-ins", ""
        if "Selection" in s:
            return s["Selection"], ""
        if "PartyIds" in s:
            return parties[s["PartyIds"][0]], ""
        ids = s["CandidateIds"]
        return " / ".join(people[i]["Name"] for i in ids), parties.get(people[ids[0]].get("PartyId"), "")

    names = {s["@id"]: choice(s) for c in e["Contest"] for s in c["ContestSelection"]}
    s = Sum()
    for r in d["CVR"]:
        for c in r["CVRSnapshot"][0]["CVRContest"]:
            k = contests[c["ContestId"]]
            marks = []
            top = min([x["SelectionPosition"][0].get("Rank", 1) for x in c.get("CVRContestSelection", [])], default=1)
            for x in c.get("CVRContestSelection", []):
                if k["VoteVariation"] == "rcv" and x["SelectionPosition"][0]["Rank"] != top:
                    continue
                marks.append((*names[x["ContestSelectionId"]], x["TotalNumberVotes"]))
            s.ballot(label(k), k.get("VotesAllowed", 1), marks, c.get("Overvotes"), c.get("Undervotes"))
    s.write(name)


def clear(path, name):
    rows = list(csv.reader(open(path, encoding="utf-8-sig")))
    s = Sum()
    for row in rows[1:]:
        marks = []
        top = min([int(h.split(":")[2]) for h, v in zip(rows[0][10:], row[10:]) if v == "1"], default=1)
        for h, v in zip(rows[0][10:], row[10:]):
            _, contest, rank, _, who, party = h.split(":")
            if int(rank) == top and v == "1":
                marks.append((who, party, 1))
        s.ballot(contest, 1, marks)
    s.write(name)


def workbook(path, name):
    z = zipfile.ZipFile(path)
    ns = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    words = [t.text for t in ET.fromstring(z.read("xl/sharedStrings.xml")).findall(".//x:t", ns)]
    s = Sum()
    for row in list(ET.fromstring(z.read("xl/worksheets/sheet1.xml")).iter("{%s}row" % ns["x"]))[1:]:
        first = [words[int(c.find("x:v", ns).text)] for c in row if c.get("r").startswith("B")]
        s.ballot("Ranked contest", 1, [(f, "", 1) for f in first])
    s.write(name)


def hart(folder, name):
    n = "{http://tempuri.org/CVRDesign.xsd}"
    s = collections.Counter()
    for f in glob.glob(folder + "/*.xml"):
        for c in ET.parse(f).getroot().iter(n + "Contest"):
            if c.find(n + "Overvoted") is not None:
                continue
            first = []
            for o in c.iter(n + "Option"):
                if o.find(n + "Value").text[0] == "1":
                    first.append("Write-ins" if o.find(n + "WriteInData") is not None else " ".join(o.find(n + "Name").text.split()))
            ranked = any(len(o.find(n + "Value").text) > 1 for o in c.iter(n + "Option"))
            if ranked and len(set(first)) > 1:
                continue
            for who in first:
                s[" ".join(c.find(n + "Name").text.split()), who, ""] += 1
    out = Sum()
    out.n = s
    out.write(name)


v = root + "/vendor"
dominion(v + "/dominion-csv/CVR_Export_20170804111144.csv", "dominion-denver")
dominion(v + "/dominion-csv/dominion-2017-CVR_Export_20170310104116.csv", "dominion-arapahoe")
dominion(v + "/dominion-csv/arlo-ballot-comparison.csv", "arlo-comparison")
dominion(v + "/arlo/Kendall Park - cvrs.csv", "arlo-kendall-park")
sessions(v + "/dominion-alaska-2024-json", "dominion-alaska")
clear(v + "/clearballot/clear_ballot_kansas_primary.cvr.csv", "clearballot-kansas")
workbook(v + "/ess/simple_ess_cvr.xlsx", "ess-simple")
hart(v + "/hart", "hart")
for e in ("gen-01", "gen-02", "prim-01"):
    nist(root + "/nist-elections/%s/cvr-%s.json" % (e, e), "nist-" + e)
