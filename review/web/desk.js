// What the keyboard does, and the zoomed picture. Every page works without it, by its forms and links.
"use strict";
(function () {
  var on = localStorage.getItem("keys") !== "off";

  function typing(el) {
    return el && (el.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName)) && el.type !== "checkbox" && !el.closest(".wall");
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
    location.search = q.toString();
    return true;
  }

  var sent = false;
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
    if (!on || e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || typing(e.target) || document.querySelector(".wall")) return;
    var k = e.key.toLowerCase(), done = false;
    if (k === "v" || k === "n" || k === "q") done = decide(k);
    else if (k === "u") done = press("undo");
    else if (k === "s") done = press("skip");
    else if (k === "o") done = press("other");
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
    var d = el.dataset, levels = Number(d.levels);
    var outlines = d.outlines ? JSON.parse(d.outlines) : [];
    var v = OpenSeadragon({
      element: el, showNavigationControl: false, animationTime: 0.3, maxZoomPixelRatio: 4, minZoomImageRatio: 0.8, visibilityRatio: 0.3,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      tileSources: {
        width: Number(d.width), height: Number(d.height), tileSize: Number(d.tile), tileOverlap: 0, minLevel: 0, maxLevel: levels - 1,
        getTileUrl: function (level, x, y) { return "/tile/" + d.page + "/" + level + "/" + x + "/" + y; }
      }
    });
    viewer = { v: v, outlines: outlines };
    function box(m) { return v.viewport.imageToViewportRectangle(m.x, m.y, m.w, m.h); }
    function near() {
      var now = outlines.find(function (m) { return m.now; });
      if (!now) return v.viewport.goHome();
      var side = Math.max(now.w * 16, Number(d.width) * 0.55);
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
  }

  document.addEventListener("DOMContentLoaded", function () { keysButton(); picture(); });
})();
