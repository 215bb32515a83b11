// Lists that can be filtered and sorted. What was chosen is kept here and applied again whenever the
// page was brought up to date.
'use strict';

const UNITS = {s: 1, min: 60, h: 3600, d: 86400, MiB: 1, GiB: 1024};

/** What a cell is sorted by: figures with a unit as numbers, what is not known first. */
function worth(cell) {
  const text = cell ? cell.textContent.trim() : '';
  const found = /^(-?[\d.]+)\s*([a-zA-Z]*)/.exec(text);
  if (cell && cell.classList.contains('number')) {
    return found ? Number(found[1]) * (UNITS[found[2]] ?? 1) : -Infinity;
  }
  return text.toLowerCase();
}

class List {
  text = '';
  state = '';
  column = -1;
  descending = false;

  constructor(table) {
    this.table = table;
    this.tools = table.previousElementSibling;
    this.tools.addEventListener('input', (event) => {
      this.text = event.target.value.trim().toLowerCase();
      this.arrange();
    });
    this.tools.addEventListener('click', (event) => {
      const button = event.target.closest('button');
      if (!button) return;
      this.state = button.dataset.state;
      this.arrange();
    });
    table.tHead.addEventListener('click', (event) => {
      const head = event.target.closest('th');
      if (!head) return;
      this.descending = this.column === head.cellIndex ? !this.descending : head.className !== '';
      this.column = head.cellIndex;
      this.arrange();
    });
    this.arrange();
  }

  arrange() {
    const states = this.tools.querySelectorAll('button');
    if (![...states].some((button) => button.dataset.state === this.state)) this.state = '';
    for (const button of states) {
      button.setAttribute('aria-pressed', String(button.dataset.state === this.state));
    }
    for (const head of this.table.tHead.rows[0].cells) {
      const direction = this.descending ? 'descending' : 'ascending';
      if (head.cellIndex === this.column) head.setAttribute('aria-sort', direction);
      else head.removeAttribute('aria-sort');
    }
    const body = this.table.tBodies[0];
    const rows = [...body.rows];
    for (const row of rows) {
      row.hidden =
        (this.state !== '' && row.dataset.state !== this.state) ||
        !row.textContent.toLowerCase().includes(this.text);
    }
    this.sort(body, rows);
  }

  sort(body, rows) {
    const keyed = rows.map((row, at) => ({
      row,
      at: row.place ?? at,
      worth: this.column < 0 ? 0 : worth(row.cells[this.column]),
    }));
    const sign = this.descending ? -1 : 1;
    const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    keyed.sort((a, b) => sign * order(a.worth, b.worth) || a.at - b.at);
    // Only what is in the wrong place is moved: a link that has the focus would lose it.
    keyed.forEach(({row}, at) => {
      if (body.rows[at] !== row) body.insertBefore(row, body.rows[at]);
    });
  }
}
