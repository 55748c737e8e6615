// A style's targets on its blank: chosen, moved, added, deleted and named. The server checks all of it again.
"use strict";
(function () {
  var blank = document.getElementById("blank");
  if (!blank) return;
  var data = null, now = -1, by = function (id) { return document.getElementById(id); };

  function contest(id) { return data.contests.find(function (c) { return c.id === id; }); }
  function name(t) {
    var c = contest(t.contest), ch = c && c.choices.find(function (x) { return x.id === t.choice; });
    return (c ? c.title : "no contest") + ": " + (ch ? ch.name : "no choice") + (t.rank ? ", rank " + t.rank : "");
  }
  function options(list, items, value) {
    list.textContent = "";
    items.forEach(function (i) { var o = document.createElement("option"); o.value = i[0]; o.textContent = i[1]; list.appendChild(o); });
    list.value = value;
  }

  function draw() {
    var k = blank.firstElementChild.clientWidth / (data.width / data.dpi);
    var had = blank.contains(document.activeElement); // what is drawn anew loses the focus
    blank.querySelectorAll("button").forEach(function (b) { b.remove(); });
    by("list").textContent = "";
    data.targets.forEach(function (t, i) {
      var b = document.createElement("button");
      b.type = "button";
      b.className = "place" + (i === now ? " now" : "");
      b.setAttribute("aria-label", (i + 1) + " " + name(t));
      b.title = name(t);
      b.style.left = (t.x - t.w / 2) * k - 3 + "px"; b.style.top = (t.y - t.h / 2) * k - 3 + "px";
      b.style.width = t.w * k + 6 + "px"; b.style.height = t.h * k + 6 + "px";
      b.dataset.n = i;
      var tag = document.createElement("span");
      tag.textContent = i + 1;
      b.appendChild(tag);
      blank.appendChild(b);
      var li = document.createElement("li"), a = document.createElement("button");
      a.type = "button"; a.className = "line" + (i === now ? " now" : ""); a.textContent = (i + 1) + " " + name(t); a.dataset.n = i;
      a.addEventListener("click", function () { choose(i); });
      li.appendChild(a); by("list").appendChild(li);
    });
    var chosen = blank.querySelectorAll("button")[now];
    if (had && chosen) chosen.focus({ preventScroll: true });
    fields();
    by("targets").value = JSON.stringify(data.targets);
  }

  function fields() {
    var t = data.targets[now];
    by("one").querySelectorAll("select, input").forEach(function (f) { f.disabled = !t; });
    by("t-delete").disabled = !t;
    by("which").textContent = t ? (now + 1) + " " + name(t) : "None is chosen: click one on the picture or in the list.";
    if (!t) return;
    options(by("t-contest"), data.contests.map(function (c) { return [c.id, c.title]; }), t.contest);
    var c = contest(t.contest);
    options(by("t-choice"), c ? c.choices.map(function (x) { return [x.id, x.name + (x.party ? " (" + x.party + ")" : "")]; }) : [], t.choice);
    ["x", "y", "w", "h"].forEach(function (f) { by("t-" + f).value = t[f].toFixed(3); });
    by("t-shape").value = t.shape;
  }

  function choose(i, focus) {
    now = i;
    draw();
    var b = blank.querySelectorAll("button")[i];
    if (b && focus !== false) b.focus({ preventScroll: false });
  }

  function move(dx, dy) {
    var t = data.targets[now];
    t.x = Math.min(Math.max(0, t.x + dx), data.width / data.dpi);
    t.y = Math.min(Math.max(0, t.y + dy), data.height / data.dpi);
  }

  blank.addEventListener("pointerdown", function (e) {
    var b = e.target.closest("button");
    if (!b) return;
    e.preventDefault();
    choose(Number(b.dataset.n));
    var k = blank.firstElementChild.clientWidth / (data.width / data.dpi), x = e.clientX, y = e.clientY;
    function drag(m) { move((m.clientX - x) / k, (m.clientY - y) / k); x = m.clientX; y = m.clientY; draw(); }
    function drop() { document.removeEventListener("pointermove", drag); document.removeEventListener("pointerup", drop); choose(now); }
    document.addEventListener("pointermove", drag);
    document.addEventListener("pointerup", drop);
  });
  blank.addEventListener("focusin", function (e) {
    var b = e.target.closest("button");
    if (b && Number(b.dataset.n) !== now && b.isConnected) choose(Number(b.dataset.n));
  });
  blank.addEventListener("keydown", function (e) {
    if (now < 0) return;
    var step = e.shiftKey ? 0.05 : 0.005, d = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (d) move(d[0] * step, d[1] * step);
    else if (e.key === "Delete") { remove(); e.preventDefault(); return; }
    else return;
    e.preventDefault();
    choose(now);
  });
  function remove() {
    if (now < 0) return;
    data.targets.splice(now, 1);
    choose(Math.min(now, data.targets.length - 1));
  }
  by("t-delete").addEventListener("click", remove);
  by("t-add").addEventListener("click", function () {
    var like = data.targets[Math.max(now, 0)], c = data.contests[0];
    data.targets.push({ was: -1, contest: like ? like.contest : c.id, choice: like ? like.choice : c.choices[0].id, rank: 0,
      x: like ? like.x : data.width / data.dpi / 2, y: like ? Math.min(like.y + 2 * like.h, data.height / data.dpi - like.h) : data.height / data.dpi / 2,
      w: like ? like.w : 0.2, h: like ? like.h : 0.12, shape: like ? like.shape : "oval" });
    choose(data.targets.length - 1);
  });
  by("t-contest").addEventListener("change", function () {
    var t = data.targets[now], c = contest(this.value);
    t.contest = c.id; t.choice = c.choices[0].id; draw();
  });
  by("t-choice").addEventListener("change", function () { data.targets[now].choice = this.value; draw(); });
  by("t-shape").addEventListener("change", function () { data.targets[now].shape = this.value; draw(); });
  ["x", "y", "w", "h"].forEach(function (f) {
    by("t-" + f).addEventListener("change", function () { var v = Number(this.value); if (v >= 0) { data.targets[now][f] = v; draw(); } });
  });

  fetch("/targets/" + blank.dataset.style + "/" + blank.dataset.page).then(function (a) { return a.json(); }).then(function (d) {
    data = d;
    if (by("targets").value) data.targets = JSON.parse(by("targets").value); // what was not taken is there to be mended
    data.targets = data.targets || [];
    draw();
  });
  window.addEventListener("resize", function () { if (data) draw(); });
})();
