// What the keyboard does, and the zoomed picture. Every page works without it, by its forms and links.
"use strict";
(function () {
  var on = localStorage.getItem("keys") !== "off";

  function typing(el) {
    return el && (el.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName)) && el.type !== "checkbox";
  }

  function press(id) {
    var el = document.getElementById(id);
    if (!el) return false;
    if (el.tagName === "FORM") el.requestSubmit(); else el.click();
    return true;
  }

  function keysButton() {
    var b = document.getElementById("keys");
    if (!b) return;
    function say() { b.setAttribute("aria-pressed", String(on)); b.textContent = on ? "Keys are on" : "Keys are off"; }
    say();
    b.addEventListener("click", function () { on = !on; localStorage.setItem("keys", on ? "on" : "off"); say(); });
  }

  // step goes to the target that many rows away.
  function step(by) {
    var marks = viewer ? viewer.outlines : [];
    var at = marks.findIndex(function (m) { return m.now; });
    var to = marks[at + by];
    if (at < 0 || !to) return false;
    var q = new URLSearchParams(location.search);
    q.set("target", to.n);
    q.delete("back");
    location.search = q.toString();
    return true;
  }

  // One page sends one form: the second click of two on “Undo” would take back one decision more.
  var sent = false, left = false;
  document.addEventListener("submit", function (e) {
    if (e.target.method !== "post") return;
    if (left) e.preventDefault();
    left = true;
  });
  window.addEventListener("pageshow", function () { sent = left = false; }); // come back to

  function decide(key) {
    var b = document.querySelector('#decide button[data-key="' + key + '"]');
    if (!b || sent) return false;
    sent = true; // a key held down is one decision
    b.form.requestSubmit(b);
    return true;
  }

  function reason(n) {
    var list = document.getElementById("reason");
    if (!list || !list.options[n]) return false;
    list.selectedIndex = n;
    return true;
  }

  document.addEventListener("keydown", function (e) {
    // A key still held down when the next page is there has not been pressed on it.
    if (!on || e.repeat || e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || typing(e.target) || document.querySelector(".wall")) return;
    var k = e.key.toLowerCase(), done = false;
    if (k === "v" || k === "n" || k === "q") done = decide(k);
    else if (k === "u") done = press("undo");
    else if (k === "s") done = press("skip");
    else if (k === "o") done = press("other");
    else if (k === "e") done = press("enter");
    else if (k === "t") done = press("turn");
    else if (k === "j") done = step(1);
    else if (k === "k") done = step(-1);
    else if (k >= "1" && k <= "9") done = reason(Number(k));
    else if (k === "?") { location.href = "/help"; done = true; }
    if (done) e.preventDefault();
  });

  var viewer = null;
  function picture() {
    var el = document.getElementById("viewer");
    if (!el || !window.OpenSeadragon) return;
    fetch("/outlines/" + el.dataset.page + "?target=" + el.dataset.target).then(function (a) { return a.json(); }).then(function (d) {
      if (d.Error) { el.textContent = d.Error; el.className = "box"; return; }
      zoom(el, d, d.Marks || []);
    });
  }

  function zoom(el, d, outlines) {
    var v = OpenSeadragon({
      element: el, showNavigationControl: false, animationTime: 0.3, maxZoomPixelRatio: 4, minZoomImageRatio: 0.8, visibilityRatio: 0.3,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      tileSources: {
        width: d.Width, height: d.Height, tileSize: d.Tile, tileOverlap: 0, minLevel: 0, maxLevel: d.Levels - 1,
        getTileUrl: function (level, x, y) { return "/tile/" + el.dataset.page + "/" + level + "/" + x + "/" + y; }
      }
    });
    viewer = { v: v, outlines: outlines };
    function box(m) { return v.viewport.imageToViewportRectangle(m.x, m.y, m.w, m.h); }
    function near() {
      var now = outlines.find(function (m) { return m.now; });
      if (!now) return v.viewport.goHome();
      var side = Math.max(now.w * 16, d.Width * 0.55);
      v.viewport.fitBounds(v.viewport.imageToViewportRectangle(now.x + now.w / 2 - side / 2, now.y + now.h / 2 - side / 2, side, side), true);
    }
    v.addHandler("open", function () {
      outlines.forEach(function (m) {
        var o = document.createElement("div");
        o.className = "mark " + m.answer + (m.now ? " now" : "");
        o.title = m.label;
        v.addOverlay({ element: o, location: box({ x: m.x - 4, y: m.y - 4, w: m.w + 8, h: m.h + 8 }) });
      });
      near();
    });
    function click(id, f) { var b = document.getElementById(id); if (b) b.addEventListener("click", f); }
    click("full", function () { v.viewport.goHome(); });
    click("close", near);
    // A refused page lies as it was scanned. How a page was turned holds for as long as the window is open: it is entered on another page.
    var key = "turned " + el.dataset.page, turned = Number(sessionStorage.getItem(key)) || 0;
    function turn(by) {
      turned = (turned + by) % 360;
      sessionStorage.setItem(key, turned);
      el.dataset.turned = turned;
      v.viewport.setRotation(turned, true);
    }
    v.addHandler("open", function () { turn(0); if (turned) v.viewport.goHome(true); });
    click("turn", function () { turn(90); v.viewport.goHome(true); });
  }

  // The wall: the focus goes from picture to picture, and each has its answer in a list of its own.
  function wall() {
    var form = document.querySelector("form.wall");
    if (!form) return;
    var lists = Array.prototype.slice.call(form.querySelectorAll(".brick select"));
    function paint(list) {
      list.closest(".brick").className = "brick " + (list.value || "as-is");
      var n = lists.filter(function (l) { return l.value; }).length;
      document.getElementById("said").textContent = n + " of " + lists.length + " said";
    }
    function say(list, answer) { list.value = answer; paint(list); }
    function columns() {
      var top = lists[0].getBoundingClientRect().top;
      return lists.filter(function (l) { return Math.abs(l.getBoundingClientRect().top - top) < 2; }).length;
    }
    lists.forEach(function (l) { paint(l); l.addEventListener("change", function () { paint(l); }); });
    document.addEventListener("keydown", function (e) {
      if (!on || e.ctrlKey || e.altKey || e.metaKey || (typing(e.target) && lists.indexOf(e.target) < 0)) return;
      var at = lists.indexOf(document.activeElement), k = e.key.toLowerCase(), to = -1;
      if (e.repeat && /^([vnqasu]|enter)$/.test(k)) { e.preventDefault(); return; } // held down since the wall before
      var answer = { v: "vote", n: "none", q: "questionable" }[k];
      if (e.key === "ArrowRight") to = at + 1;
      else if (e.key === "ArrowLeft") to = at - 1;
      else if (e.key === "ArrowDown") to = at < 0 ? 0 : at + columns();
      else if (e.key === "ArrowUp") to = at - columns();
      else if (answer && at >= 0) { say(lists[at], answer); to = Math.min(at + 1, lists.length - 1); }
      else if (k === "a" && at >= 0) lists.forEach(function (l) { say(l, lists[at].value); });
      else if (k === "s" && at >= 0 && form.dataset.up !== "no") {
        var up = form.dataset.up === "true"; // from the emptiest up
        lists.forEach(function (l, i) { say(l, (i <= at) !== up ? "vote" : "none"); });
      } else if (k === "u") { press("undo"); e.preventDefault(); return; }
      else if (e.key === "Enter" && document.activeElement.tagName !== "BUTTON" && document.activeElement.tagName !== "A") {
        if (!sent) { sent = true; form.requestSubmit(); }
      } else if (e.key.length > 1 || e.key === " " || at < 0) return; // a list takes any other letter for one of its lines
      e.preventDefault();
      if (lists[to]) lists[to].focus();
    }, true);
    // A list takes a letter for one of its lines: the key that said what one picture is must not change the next, which has the focus now.
    form.addEventListener("keypress", function (e) {
      if (on && lists.indexOf(e.target) >= 0 && e.key.length === 1 && e.key !== " ") e.preventDefault();
    }, true);
    if (lists[0]) lists[0].focus({ preventScroll: true });
  }

  document.addEventListener("DOMContentLoaded", function () { keysButton(); picture(); wall(); });
})();
