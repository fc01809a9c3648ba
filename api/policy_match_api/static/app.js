"use strict";
// Keys for those who work all day with the keyboard. Every page does without them; they can be switched off.
(() => {
  const OFF = "keys-off";
  const help = document.querySelector("[data-keys-help]");
  const isOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
  const remember = (off) => { try { off ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF); } catch { /* for this page alone */ } };
  let off = isOff();

  const rows = [...document.querySelectorAll("[data-tasks] .lead-cell a")];
  const move = (step) => {
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
    next?.focus();
    return Boolean(next);
  };
  const focus = (selector) => {
    const found = document.querySelector(selector);
    found?.focus();
    found?.scrollIntoView({ block: "center" });
    return Boolean(found);
  };
  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    // In the list alone: elsewhere the arrows scroll.
    ArrowDown: () => rows.includes(document.activeElement) && move(1),
    ArrowUp: () => rows.includes(document.activeElement) && move(-1),
    a: () => focus("[data-key=a]"),
    r: () => focus("[data-key=r]"),
    n: () => focus("[data-next]"),
    "/": () => focus("main input[name=q], .find-top input[name=q]"),
  };

  const show = () => {
    if (!help) return;
    help.hidden = false;
    help.querySelector("[data-keys-switch]").textContent = off ? "打开按键" : "关闭按键";
  };
  help?.querySelector("[data-keys-switch]").addEventListener("click", () => { off = !off; remember(off); show(); });
  show();

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (off || !help || isTyping || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (Object.hasOwn(KEYS, event.key) && KEYS[event.key]()) event.preventDefault();
  });
})();
