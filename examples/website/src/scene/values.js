/** Values of X3D attributes. */

/** All numbers of a text, which blanks or commas are between. */
export function numbers(text) {
  if (!text) return [];
  return text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
}

/** The numbers of an attribute, or others if it is not there or not of that many finite numbers. */
export function vector(node, name, otherwise) {
  const found = numbers(node?.attributes[name]);
  return found.length >= otherwise.length && found.every(Number.isFinite) ? found : otherwise;
}

export function number(node, name, otherwise) {
  return vector(node, name, [otherwise])[0];
}

export function flag(node, name, otherwise) {
  const text = node?.attributes[name]?.toLowerCase();
  return text === undefined ? otherwise : text === 'true';
}

/** The addresses of a `url`, which may each be in quotes. */
export function urls(text) {
  if (!text) return [];
  const quoted = [...text.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, url]) => url.replaceAll('\\"', '"'));
  return quoted.length ? quoted : [text.trim()].filter(Boolean);
}

/** Pieces of an index list, which -1 ends each. */
export function pieces(indices) {
  const all = [];
  let piece = [];
  for (const index of indices) {
    if (index >= 0) {
      piece.push(index);
    } else {
      if (piece.length) all.push(piece);
      piece = [];
    }
  }
  if (piece.length) all.push(piece);
  return all;
}
