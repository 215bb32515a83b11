/**
 * What Webots says over its socket, as values (W3.3). One reader for all eras: where two eras say the
 * same in different words, the value is the same.
 */

const words = {
  pause: { kind: 'mode', mode: 'pause' },
  'paused by client': { kind: 'mode', mode: 'pause' },
  'real-time': { kind: 'mode', mode: 'real-time' },
  run: { kind: 'mode', mode: 'fast' },
  fast: { kind: 'mode', mode: 'fast' },
  step: { kind: 'mode', mode: 'pause' },
  'scene load completed': { kind: 'loaded' },
  'reset finished': { kind: 'reset' },
  'delete world': { kind: 'cleared' },
};

const readers = [
  ['application/json:', readUpdate],
  ['stdout:', (rest) => ({ kind: 'output', lines: lines(rest), error: false })],
  ['stderr:', (rest) => ({ kind: 'output', lines: lines(rest), error: true })],
  ['pause:', (rest) => ({ kind: 'mode', mode: 'pause', time: number(rest) })],
  ['time:', (rest) => ({ kind: 'update', time: number(rest), poses: [], labels: [] })],
  ['model:', (rest) => (rest.trim() ? { kind: 'model', xml: rest } : { kind: 'cleared' })],
  ['node:', readNode],
  ['delete:', (rest) => ({ kind: 'delete', id: rest.trim() })],
  ['visibility:', readVisibility],
  ['label:', readLabel],
  ['image[', readImage],
  ['world:', readWorld],
  ['world info:', (rest) => ({ kind: 'worldInfo', title: object(rest)?.title ?? '' })],
  ['loading:', readLoading],
  ['set controller:', readController],
  ['multimedia:', readMultimedia],
  ['resize:', readResize],
  ['robot:', readRobot],
];

/**
 * Reads one frame. What no era knows is `{kind: 'unknown', text}`.
 *
 * @param {string} text
 */
export function readFrame(text) {
  if (Object.hasOwn(words, text)) return words[text];
  const [prefix, read] = readers.find(([prefix]) => text.startsWith(prefix)) ?? [];
  return (read && read(text.slice(prefix.length))) || { kind: 'unknown', text };
}

/** `poses` until 2022, `updates` since; labels since 2022. */
function readUpdate(rest) {
  const value = object(rest);
  if (!value) return null;
  const poses = array(value.poses ?? value.updates).filter((pose) => pose?.id !== undefined);
  return {
    kind: 'update',
    time: number(value.time),
    poses: poses.map((pose) => ({ ...pose, id: String(pose.id) })),
    labels: array(value.labels)
      .filter((label) => label?.id !== undefined)
      .map(label),
  };
}

function label({ id, font, rgba, size, x, y, text }) {
  const color = String(rgba ?? '255,255,255,1').replace(/^rgba\(|\)$/g, '');
  return {
    id: String(id),
    font: String(font ?? 'Arial'),
    color: `rgba(${color})`,
    text: String(text ?? ''),
    size: number(size) ?? 0.1,
    x: number(x) ?? 0,
    y: number(y) ?? 0,
  };
}

/** `id;font;rgba(…);size;x;y;text`; the text may have semicolons of its own. */
function readLabel(rest) {
  const [id, font, rgba, size, x, y, ...text] = rest.split(';');
  if (text.length === 0) return null;
  return { kind: 'update', poses: [], labels: [label({ id, font, rgba, size, x, y, text: text.join(';') })] };
}

function readNode(rest) {
  const [, parent, xml] = /^(\d+):(.*)$/s.exec(rest) ?? [];
  return parent && { kind: 'node', parent, xml };
}

function readVisibility(rest) {
  const [, id, shown] = /^(\d+):([01])$/.exec(rest.trim()) ?? [];
  return id && { kind: 'visibility', id, visible: shown === '1' };
}

/** A texture as data; `]` in its address is written as `\]`. */
function readImage(rest) {
  const [, url, data] = /^((?:\\\]|[^\]])*)\]:(data:image\/[a-z+.-]+;base64,[\w+/=\s]*)$/.exec(rest) ?? [];
  return url !== undefined && { kind: 'image', url: url.replaceAll('\\]', ']'), data };
}

/** The worlds of the project: bare names until 2021, paths in the project since. */
function readWorld(rest) {
  const [current, list] = rest.split(':');
  const name = (path) => path.split('/').pop();
  const worlds = (list ?? '').split(';').filter(Boolean).map(name);
  const folder = current.slice(0, current.lastIndexOf('/') + 1);
  return { kind: 'world', current: name(current), worlds, folder, since2022: folder !== '' };
}

const stages = {
  'Parsing nodes': 'Reading the world',
  'Creating nodes': 'Making the world',
  'Downloading assets': 'Fetching what the world is made of',
  'Finalizing nodes': 'Finishing the world',
};

function readLoading(rest) {
  const [, stage, percent] = /^(.*?)(?::(\d+))?$/s.exec(rest) ?? [];
  const text = stage?.trim();
  return text && { kind: 'loading', text: stages[text] ?? text, percent: number(percent) };
}

/** `DIR/FILE:LINES` and the file itself behind the first line end. */
function readController(rest) {
  const [, folder, file, content] = /^([^/\n]+)\/([^:\n]+):\d*\n(.*)$/s.exec(rest) ?? [];
  return folder && { kind: 'controller', folder, file, content };
}

/** `PATH STATE [W H]`: where pictures are; with a size, another client chose it. */
function readMultimedia(rest) {
  const [path, mode, width, height] = rest.trim().split(/\s+/);
  if (!path) return null;
  const size = height === undefined ? undefined : { width: Number(width), height: Number(height) };
  return { kind: 'pictures', path, mode, size };
}

function readResize(rest) {
  const [width, height] = rest
    .trim()
    .split(/[\sx]+/)
    .map(Number);
  return width > 0 && height > 0 && { kind: 'resize', width, height };
}

function readRobot(rest) {
  const value = object(rest);
  if (value) return { kind: 'robot', name: value.name, message: value.message };
  const [, name, message] = /^([^:]*):(.*)$/s.exec(rest) ?? [];
  return name !== undefined && { kind: 'robot', name, message };
}

function lines(text) {
  return text.replace(/\n$/, '').split('\n');
}

function object(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function array(value) {
  return Array.isArray(value) ? value : [];
}

function number(value) {
  const it = value === undefined || value === '' ? Number.NaN : Number(value);
  return Number.isFinite(it) ? it : undefined;
}
