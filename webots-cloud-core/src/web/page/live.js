// Keeps the page up to date while it is seen, and says when the server does not answer.

const PERIOD = 2000;
const PATIENCE = 10_000;

/** What lists set and the server knows nothing of. */
const OF_LISTS = new Set(['hidden', 'aria-sort']);

/** Makes `old` like `fresh`, and leaves alone what is alike: focus, selection and scrolling stay. */
function morph(old, fresh) {
  if (old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
  } else if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
  } else if (!('own' in old.dataset)) {
    morphAttributes(old, fresh);
    if (old.nodeName === 'TBODY') morphRows(old, fresh);
    else morphChildren(old, fresh);
  }
}

function morphAttributes(old, fresh) {
  for (const {name} of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !OF_LISTS.has(name)) old.removeAttribute(name);
  }
  for (const {name, value} of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function morphChildren(old, fresh) {
  const wanted = [...fresh.childNodes];
  while (old.childNodes.length > wanted.length) old.lastChild.remove();
  wanted.forEach((child, at) => {
    if (at < old.childNodes.length) morph(old.childNodes[at], child);
    else old.append(child);
  });
}

/** Rows are known by their key; their order is the list's business. */
function morphRows(old, fresh) {
  const known = new Map([...old.rows].map((row) => [row.dataset.key, row]));
  [...fresh.rows].forEach((row, place) => {
    let there = known.get(row.dataset.key);
    known.delete(row.dataset.key);
    if (there) morph(there, row);
    else old.append((there = row));
    there.place = place;
  });
  for (const gone of known.values()) gone.remove();
}

class Page {
  uptime = 0;
  last = '';
  heard = Date.now();
  asking = false;

  constructor() {
    document.documentElement.classList.add('live');
    this.main = document.querySelector('main');
    this.trouble = document.getElementById('trouble');
    this.lists = [...document.querySelectorAll('table.list')].map((table) => new List(table));
    const place = document.querySelector('.graphs');
    this.graphs = place && new Graphs(place);
  }

  /** One question at a time, and none while nobody looks. */
  async ask() {
    if (this.asking || document.hidden) return;
    this.asking = true;
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch(`monitor.json?after=${this.last}`, {cache: 'no-store', signal});
      if (!answer.ok) throw new Error(`it answered ${answer.status}`);
      this.show(await answer.json());
      this.heard = Date.now();
      this.trouble.hidden = true;
    } catch (error) {
      const seconds = Math.round((Date.now() - this.heard) / 1000);
      this.trouble.textContent =
        `The server does not answer, for ${seconds} s now: what you see is old. ` +
        `It is asked again and again. (${error.message})`;
      this.trouble.hidden = false;
    }
    this.asking = false;
  }

  show({uptime, main, rows}) {
    const fresh = new DOMParser().parseFromString(`<main>\n${main}</main>`, 'text/html');
    morph(this.main, fresh.querySelector('main'));
    for (const list of this.lists) list.arrange();
    if (uptime < this.uptime) {
      // Another start of the server, whose rows are all asked for next.
      this.graphs?.clear();
      this.last = '';
    } else {
      this.graphs?.add(rows);
      this.last = rows.at(-1)?.[0] ?? this.last;
    }
    this.uptime = uptime;
  }
}

const shown = new Page();
shown.ask();
setInterval(() => shown.ask(), PERIOD);
document.addEventListener('visibilitychange', () => shown.ask());
