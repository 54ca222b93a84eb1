// Keeps the meter beside a text fresh while somebody writes. Without this, the form's own button does it.
// What is written goes to the same site that would get it on saving, and nowhere else; nothing is kept.

const WAIT_MS = 350;

const token = () => document.querySelector('input[name="csrf_token"]')?.value ?? "";

function asked(box, field) {
  const form = new FormData();
  form.set("csrf_token", token());
  form.set("words", field.value);
  for (const name of ["language", "kind", "people"]) {
    form.set(name, box.dataset[`meter${name[0].toUpperCase()}${name.slice(1)}`] ?? "");
  }
  return form;
}

class Measurer {
  constructor(box, field) {
    this.box = box;
    this.field = field;
    this.place = box.querySelector("[data-meter-place]");
    this.said = box.querySelector("[data-meter-said]");
    field.addEventListener("input", () => this.soon());
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), WAIT_MS);
  }

  async look() {
    this.going?.abort();
    this.going = new AbortController();
    const signal = AbortSignal.any([this.going.signal, AbortSignal.timeout(10_000)]);
    try {
      const answer = await fetch(this.box.dataset.meterUrl, {
        method: "POST", body: asked(this.box, this.field), redirect: "manual", signal,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.said.textContent = "The words could not be checked just now.";
      showButtons(true);
    }
  }

  show(page) {
    const fresh = page.querySelector("[data-meter-shown]");
    if (!fresh) return;
    const title = this.place.querySelector(".meter__title");
    this.place.replaceChildren(document.importNode(fresh, true));
    if (title) this.place.firstElementChild.prepend(title);
    const words = this.place.querySelector("[data-meter-sum]")?.textContent ?? "";
    if (this.said.textContent !== words) this.said.textContent = words;
  }
}

function showButtons(shown) {
  document.querySelectorAll("[data-meter-check]").forEach((button) => { button.hidden = !shown; });
}

export function measureTexts() {
  const boxes = [...document.querySelectorAll("[data-meter]")];
  for (const box of boxes) {
    const field = document.getElementById(box.dataset.meter);
    if (field) new Measurer(box, field);
  }
  if (boxes.length) showButtons(false);
}
