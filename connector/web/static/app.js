// Everything here is a kindness on top of pages that work without it: the list looks again by itself,
// a half-written note survives a lost line, and a form is not sent into nowhere. It keeps nothing but
// drafts, in this tab only, and sends nothing that a form or a link would not send.

import { initAll } from "./vendor/govuk-frontend.min.js";
import { measureTexts } from "./meter.js";

const DRAFT = "draft:";
const HANDS_STILL_MS = 700;
const NEWS_STAYS_MS = 12_000;

const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];

function clockWords(when) {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", timeZone: document.documentElement.dataset.zone || "Europe/London",
  }).format(when);
}

// ---- Being offline -----------------------------------------------------------------------------

const offline = {
  line: one("[data-offline]"),
  say(words) {
    if (!this.line || this.line.textContent === words) return;
    this.line.textContent = words;
  },
};

function checkedAt() {
  return one("[data-checked-at]")?.textContent ?? clockWords(new Date(performance.timeOrigin));
}

function sayOffline() {
  offline.say(`You’re offline. This page is from ${checkedAt()}.`);
}

function guardForms() {
  document.addEventListener("submit", (event) => {
    if (navigator.onLine || event.target.method !== "post") return;
    event.preventDefault();
    offline.say("You’re offline, so nothing was sent. Try again when you’re back.");
  });
}

// ---- Looking again -----------------------------------------------------------------------------

let handsMovedAt = 0;
["pointerdown", "pointermove", "touchmove", "keydown", "wheel"].forEach((name) =>
  addEventListener(name, () => { handsMovedAt = performance.now(); }, { passive: true }));
const handsStill = () => performance.now() - handsMovedAt > HANDS_STILL_MS;

function keepFocus(change) {
  const before = document.activeElement;
  const id = before?.id;
  const near = before?.closest?.("[data-key]")?.nextElementSibling?.dataset?.key;
  change();
  if (before === document.body || document.contains(before)) return;
  const again = (id && document.getElementById(id))
    || (near && one(`[data-key="${near}"] a`)) || one("#queue-title");
  again?.focus({ preventScroll: true });
}

function keyed(list) {
  return new Map([...list.children].map((child) => [child.dataset.key, child]));
}

// Unchanged cards stay the very same elements, so that a finger, a selection or a reader's place holds.
function mergeCards(here, fresh) {
  const old = keyed(here);
  const arrived = [];
  const wanted = [...fresh.children].map((card) => {
    const known = old.get(card.dataset.key);
    if (!known) { card.classList.add("cards__item--new"); arrived.push(card); return card; }
    const asSent = known.cloneNode(true);
    asSent.classList.remove("cards__item--new");
    return asSent.outerHTML === card.outerHTML ? known : card;
  });
  const kept = new Set(wanted);
  [...here.children].forEach((child) => { if (!kept.has(child)) child.remove(); });
  wanted.forEach((card, place) => {
    if (here.children[place] !== card) here.insertBefore(card, here.children[place] ?? null);
  });
  return arrived;
}

const PROMISES = { now: "due now", today: "due today", this_week: "due this week", good_news: "piece of good news" };

function newsWords(cards) {
  const first = Object.keys(PROMISES).find((promise) => cards.some((card) => card.dataset.promise === promise));
  if (!first) return "";
  const count = cards.filter((card) => card.dataset.promise === first).length;
  if (first === "good_news") return `New: ${count} ${count === 1 ? "piece" : "pieces"} of good news`;
  return `New: ${count} ${count === 1 ? "thing" : "things"} ${PROMISES[first]}`;
}

let newsTimer;

function sayNews(arrived) {
  const words = newsWords(arrived);
  const line = one("[data-news]");
  if (!line || !words) return;
  line.textContent = words;
  clearTimeout(newsTimer);
  newsTimer = setTimeout(() => { line.textContent = ""; }, NEWS_STAYS_MS);
}

function swap(target, fresh, key, put) {
  const here = one(`[data-key='${key}']`, target);
  const there = one(`[data-key='${key}']`, fresh);
  if (here?.outerHTML === there?.outerHTML) return;
  here?.remove();
  if (there) put(there);
}

function applyQueue(target, fresh) {
  const cardsHere = one("[data-cards]", target);
  const cardsFresh = one("[data-cards]", fresh);
  const known = new Set(all("[data-key^='flag-']", target).map((card) => card.dataset.key));
  let arrived = [];
  if (cardsHere && cardsFresh) {
    arrived = mergeCards(cardsHere, cardsFresh);
    const views = one(".views", target);
    const freshViews = one(".views", fresh);
    if (views.innerHTML !== freshViews.innerHTML) views.innerHTML = freshViews.innerHTML;
    swap(target, fresh, "more", (part) => target.append(part));
    swap(target, fresh, "tray", (part) => target.prepend(part));
  } else {
    arrived = all("[data-key^='flag-']", fresh).filter((card) => !known.has(card.dataset.key));
    target.replaceChildren(...fresh.children);
  }
  target.dataset.count = fresh.dataset.count;
  document.title = document.title.replace(/\(\d+\+?\)/, `(${fresh.dataset.count})`);
  sayNews(arrived);
}

function applyText(target, fresh) {
  const atFoot = Math.abs(target.scrollTop) < 40;
  if (target.innerHTML === fresh.innerHTML) return;
  target.innerHTML = fresh.innerHTML;
  if (atFoot) target.scrollTop = target.scrollHeight;
}

function whenStill(act) {
  if (handsStill()) act();
  else setTimeout(() => whenStill(act), 250);
}

class Looker {
  constructor(element) {
    this.url = element.dataset.poll;
    this.targetId = element.dataset.pollTarget;
    this.every = 1000 * Number(element.dataset.pollSeconds || 3);
    this.tag = null;
    this.timer = null;
    this.misses = 0;
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.soon(0); });
    addEventListener("online", () => this.soon(0));
    addEventListener("pageshow", (event) => { if (event.persisted) this.soon(0); });
    addEventListener("offline", sayOffline);
    this.soon(this.every);
  }

  soon(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), delay);
  }

  async look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(this.url, {
        headers: this.tag ? { "If-None-Match": this.tag } : {}, cache: "no-store", redirect: "manual",
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.type === "opaqueredirect" || answer.status === 401) return this.signedOut();
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      if (answer.status !== 304) await this.take(answer);
      this.checked(answer);
    } catch {
      this.missed();
    }
    this.soon(this.every * Math.min(10, 1 + this.misses));
    return undefined;
  }

  signedOut() {
    clearTimeout(this.timer);
    offline.say("You’ve been signed out. Open this page again to sign in.");
  }

  async take(answer) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(this.targetId);
    if (!fresh) throw new Error("not the list");
    const tag = answer.headers.get("ETag");
    const apply = this.targetId === "queue-list" ? applyQueue : applyText;
    const target = document.getElementById(this.targetId);
    whenStill(() => { keepFocus(() => apply(target, document.importNode(fresh, true))); this.tag = tag; });
  }

  checked(answer) {
    this.misses = 0;
    offline.say("");
    const at = one("[data-checked-at]");
    const stamp = answer.headers.get("Date");
    const words = clockWords(stamp ? new Date(stamp) : new Date());
    if (at && at.textContent !== words) at.textContent = words;
  }

  missed() {
    this.misses += 1;
    if (!navigator.onLine) sayOffline();
    else if (this.misses > 1) offline.say(`Can’t look again just now. This page is from ${checkedAt()}.`);
  }
}

// ---- Drafts ------------------------------------------------------------------------------------

const stored = () => Object.keys(sessionStorage).filter((key) => key.startsWith(DRAFT));
const read = (key) => JSON.parse(sessionStorage.getItem(key) || "null");
const write = (key, draft) => sessionStorage.setItem(key, JSON.stringify(draft));
const versionOf = (form) => form.elements.namedItem("version")?.value;
const draftKey = (form) => `${DRAFT}${form.dataset.draftOwner}:${form.dataset.draft}`;

// A name that comes more than once, such as ticks of one group, is kept as a list.
function fields(form) {
  const found = {};
  [...new FormData(form)].filter(([name]) => !["csrf_token", "version"].includes(name)).forEach(([name, value]) => {
    found[name] = name in found ? [found[name], value].flat() : value;
  });
  return found;
}

function fill(form, values) {
  Object.entries(values).forEach(([name, kept]) => {
    const wanted = [kept].flat();
    [...form.elements].filter((field) => field.name === name && field.type !== "hidden").forEach((field, place) => {
      if (["checkbox", "radio"].includes(field.type)) field.checked = wanted.includes(field.value);
      else if (field.localName === "select" || form.dataset.draftWins) field.value = wanted[place] ?? "";
      else if (!field.value) field.value = wanted[place] ?? "";
    });
  });
}

function keepDraft(form) {
  const key = draftKey(form);
  const said = one("[data-draft-words]", form);
  const draft = read(key);
  // A page that already shows what was typed knows better: it may have put something right.
  if (draft && !("draftTyped" in form.dataset)) {
    fill(form, draft.values);
    if (said && Object.values(draft.values).some(Boolean)) said.textContent = "What you had written is still here.";
  }
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      write(key, { values: fields(form), version: versionOf(form), sent: false });
      if (said) said.textContent = "Kept on this device until you finish.";
    }, 300);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!event.defaultPrevented) write(key, { values: fields(form), version: versionOf(form), sent: navigator.onLine });
  });
}

// A draft that was sent goes when a page arrives whole, unless it is the same form at the same version:
// then what was sent did not take, and the words are still needed.
function dropSentDrafts() {
  if (document.body.dataset.keepDrafts) return;
  const here = new Map(all("form[data-draft]").map((form) => [draftKey(form), versionOf(form)]));
  stored().forEach((key) => {
    const draft = read(key);
    if (draft?.sent && here.get(key) !== draft.version) sessionStorage.removeItem(key);
  });
}

function dropDraftsOnLeaving() {
  one("[data-leave]")?.addEventListener("submit", () => stored().forEach((key) => sessionStorage.removeItem(key)));
}

// ---- Reading, one after the other ----------------------------------------------------------------

// The card that was read leaves, the next slides in, and the thumb stays where it is.
async function readOne(form, button) {
  const body = new FormData(form);
  button.disabled = true;
  const card = button.closest("[data-key]");
  const next = card.nextElementSibling ?? card.previousElementSibling;
  try {
    const answer = await fetch(button.formAction, { method: "POST", body, signal: AbortSignal.timeout(10_000) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("to-read");
    if (!answer.ok || !fresh) throw new Error("not the list");
    card.classList.add("cards__item--gone");
    await Promise.allSettled(card.getAnimations().map((moving) => moving.finished));
    showRead(document.importNode(fresh, true), page, next?.dataset.key);
  } catch {
    button.disabled = false;
    offline.say("That did not go through. It is still to be read; try again.");
  }
}

function showRead(fresh, page, nextKey) {
  const here = one("#to-read");
  const list = one("[data-cards]", here);
  const freshList = one("[data-cards]", fresh);
  if (list && freshList) {
    mergeCards(list, freshList);
    freshList.replaceWith(list);
  }
  here.replaceWith(fresh);
  document.title = page.title;
  const menu = one(".app-nav");
  const freshMenu = one(".app-nav", page);
  if (menu && freshMenu) menu.innerHTML = freshMenu.innerHTML;
  slideThrough();
  (one(`[data-key="${nextKey}"] button`) ?? one("#queue-title"))?.focus({ preventScroll: true });
}

function slideThrough() {
  const form = one("[data-slide-form]");
  form?.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !navigator.onLine || !event.submitter) return;
    event.preventDefault();
    readOne(form, event.submitter);
  });
}

// ---- Ringing, and the phone --------------------------------------------------------------------

function askAfterRinging() {
  const link = one("[data-ring]");
  const question = link && document.getElementById(link.dataset.ring);
  if (!question) return;
  let rang = false;
  link.addEventListener("click", () => { rang = true; });
  const ask = () => {
    if (!rang || document.hidden) return;
    rang = false;
    question.scrollIntoView({ block: "start" });
    question.focus({ preventScroll: true });
  };
  document.addEventListener("visibilitychange", ask);
  addEventListener("focus", ask);
}

function sendOnEnter(field) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (field.value.trim()) field.form.requestSubmit();
  });
  if (matchMedia("(pointer: fine)").matches) field.focus({ preventScroll: true });
}

/** A page about work in progress looks again by itself; without scripts its own head does. */
function lookAgain(element) {
  setTimeout(() => location.reload(), Number(element.dataset.lookAgain) * 1000);
}

initAll();
guardForms();
dropSentDrafts();
dropDraftsOnLeaving();
all("form[data-draft]").forEach(keepDraft);
all("[data-look-again]").forEach(lookAgain);
all("[data-poll]").forEach((element) => new Looker(element));
all("[data-send-on-enter]").forEach(sendOnEnter);
askAfterRinging();
slideThrough();
measureTexts();
