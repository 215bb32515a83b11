// Ten minutes as graphs: all the columns of monitor.csv, and the load.

const SPAN = 600_000;

/** Title, unit, the least top of the axis, and the series: name and place in a row. */
const GRAPHS = [
  ['Load and processor', '%', 100, [['Load', 1], ['CPU load', 4]]],
  ['Memory and disk', '%', 100, [['CPU memory', 5], ['Swap', 9], ['Disk', 10]]],
  ['GPU', '%', 100, [['GPU load compute', 6], ['GPU load memory', 7], ['GPU memory', 8]]],
  ['Simulations', '', 4, [['Webots running', 2], ['Webots idle', 3]]],
  ['Network', 'MB/s', 1, [['Network sent', 11], ['Network received', 12]]],
];

const MARGIN = {top: 8, right: 6, bottom: 20, left: 40};

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function shape(name, attributes = {}, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

/** The least of 1, 2, 4 (and 5, 10, …) times a power of ten that is enough. */
function niceTop(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 5, 10].map((times) => times * power).find((top) => top >= most * 0.999);
}

function ago(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds === 0) return 'now';
  const rest = String(seconds % 60).padStart(2, '0');
  return `${Math.floor(seconds / 60)}:${rest} min ago`;
}

class Graph {
  /** `point` is told which time is looked at, so that all graphs show the same. */
  constructor([title, unit, least, series], point) {
    this.unit = unit;
    this.least = least;
    this.rows = [];
    this.at = null;
    this.time = element('output');
    this.plot = shape('svg', {class: 'plot', tabindex: 0, role: 'img'});
    this.series = series.map(([name, place], number) => {
      const value = element('span');
      const attributes = {type: 'button', class: `s${number}`, 'aria-pressed': true};
      const button = element('button', attributes, `${name} `, value);
      const one = {name, place, number, value, button, shown: true};
      button.addEventListener('click', () => {
        one.shown = !one.shown;
        button.setAttribute('aria-pressed', String(one.shown));
        this.draw();
      });
      return one;
    });
    const legend = element('div', {class: 'legend'}, ...this.series.map((one) => one.button));
    const caption = element('figcaption', {}, unit ? `${title}, ${unit}` : title, this.time);
    this.figure = element('figure', {}, caption, this.plot, legend);
    this.title = title;
    this.listen(point);
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  listen(point) {
    this.plot.addEventListener('pointermove', (event) => {
      const left = this.plot.getBoundingClientRect().left + MARGIN.left;
      point(this.end - SPAN * (1 - (event.clientX - left) / this.width));
    });
    this.plot.addEventListener('pointerleave', () => point(null));
    this.plot.addEventListener('blur', () => point(null));
    this.plot.addEventListener('keydown', (event) => {
      const here = this.shownRow()?.[0] ?? this.end;
      const to = {
        ArrowLeft: here - 5000, ArrowRight: here + 5000,
        PageUp: here - 60_000, PageDown: here + 60_000,
        Home: this.rows[0]?.[0], End: this.end, Escape: null,
      };
      if (!(event.key in to)) return;
      event.preventDefault();
      point(to[event.key]);
    });
  }

  get end() {
    return this.rows.at(-1)?.[0] ?? 0;
  }

  /** The row that is looked at, the last if none is. */
  shownRow() {
    if (this.at === null) return this.rows.at(-1);
    const distance = (row) => Math.abs(row[0] - this.at);
    return this.rows.reduce((best, row) => (distance(row) < distance(best) ? row : best), this.rows[0]);
  }

  show(rows, at) {
    this.rows = rows;
    this.at = at === null ? null : Math.min(Math.max(at, rows[0]?.[0] ?? 0), this.end);
    this.draw();
  }

  draw() {
    const box = this.plot.getBoundingClientRect();
    if (box.width === 0) return;
    this.width = box.width - MARGIN.left - MARGIN.right;
    this.height = box.height - MARGIN.top - MARGIN.bottom;
    const shown = this.series.filter((one) => one.shown);
    const values = this.rows.flatMap((row) => shown.map((one) => row[one.place]));
    const top = niceTop(values.reduce((most, value) => Math.max(most, value), this.least));
    const x = (row) => MARGIN.left + this.width * (1 - (this.end - row[0]) / SPAN);
    const y = (value) => MARGIN.top + this.height * (1 - value / top);
    const row = this.shownRow();
    this.plot.replaceChildren(...this.axes(top, y), ...shown.map((one) => this.line(one, x, y)));
    if (this.at !== null && row) this.plot.append(this.cross(x(row)));
    for (const one of this.series) one.value.textContent = row ? this.text(row[one.place]) : '';
    this.time.textContent = row ? ago(this.end - row[0]) : 'no figures yet';
    const told = this.series.map((one) => `${one.name} ${one.value.textContent}`).join(', ');
    this.plot.setAttribute('aria-label', `${this.title}, ${this.time.textContent}: ${told}`);
  }

  text(value) {
    if (this.unit === '') return String(value);
    return this.unit === '%' ? `${value.toFixed(1)}%` : `${value.toFixed(2)} ${this.unit}`;
  }

  axes(top, y) {
    const {left} = MARGIN;
    const right = left + this.width;
    const drawn = [];
    for (const value of [0, top / 4, top / 2, (3 * top) / 4, top]) {
      const height = y(value);
      drawn.push(shape('line', {class: 'grid', x1: left, x2: right, y1: height, y2: height}));
      if (this.unit === '' && !Number.isInteger(value)) continue;
      const place = {x: left - 6, y: height + 4, 'text-anchor': 'end'};
      drawn.push(shape('text', place, String(Number(value.toFixed(2)))));
    }
    const bottom = MARGIN.top + this.height + 15;
    for (const minutes of [9, 6, 3, 0]) {
      const place = left + this.width * (1 - minutes / 10);
      const anchor = minutes === 0 ? 'end' : 'middle';
      const text = minutes === 0 ? 'now' : `−${minutes} min`;
      drawn.push(shape('text', {x: place, y: bottom, 'text-anchor': anchor}, text));
    }
    return drawn;
  }

  line(one, x, y) {
    const points = this.rows.map((row) => `${x(row).toFixed(1)} ${y(row[one.place]).toFixed(1)}`);
    return shape('path', {class: `s${one.number}`, d: points.length ? `M${points.join('L')}` : ''});
  }

  cross(x) {
    const bottom = MARGIN.top + this.height;
    return shape('line', {class: 'cross', x1: x, x2: x, y1: MARGIN.top, y2: bottom});
  }
}

class Graphs {
  rows = [];
  at = null;

  constructor(place) {
    const point = (at) => this.point(at);
    this.graphs = GRAPHS.map((description) => new Graph(description, point));
    place.replaceChildren(...this.graphs.map((graph) => graph.figure));
  }

  /** Adds rows of an update: the time, the load, the columns. */
  add(rows) {
    this.rows.push(...rows.map(([time, load, columns]) => [time, load, ...columns]));
    const end = this.rows.at(-1)?.[0] ?? 0;
    this.rows = this.rows.filter((row) => row[0] >= end - SPAN);
    this.point(this.at);
  }

  clear() {
    this.rows = [];
  }

  point(at) {
    this.at = at;
    for (const graph of this.graphs) graph.show(this.rows, at);
  }
}
