/** A scene that cannot be read. */
export class SceneError extends Error {}

/** Nodes in nodes, and nodes in all, beyond which a scene is refused. */
const DEEPEST = 200;
const MOST = 200_000;

/**
 * @typedef {{name: string, attributes: Record<string, string>, children: X3dNode[]}} X3dNode
 */

/**
 * Reads the X3D of a `model:` or `node:` frame or a file. Old ones have a document around the `<Scene>`,
 * pieces come in `<nodes>` or bare.
 *
 * @param {string} xml
 * @param {typeof DOMParser} Parser
 * @returns {{nodes: X3dNode[], version?: string}} what is in the scene, and which Webots wrote it
 */
export function readDocument(xml, Parser = globalThis.DOMParser) {
  const version = /<meta\s+name=['"]version['"]\s+content=['"]([^'"]*)/.exec(xml)?.[1];
  const from = xml.search(/<Scene[\s>]/);
  const to = xml.lastIndexOf('</Scene>');
  const text =
    from >= 0 && to > from
      ? xml.slice(from, to + '</Scene>'.length)
      : `<nodes>${xml.replace(/^\s*<\?xml[^>]*\?>/, '')}</nodes>`;
  let root;
  try {
    root = new Parser().parseFromString(text, 'text/xml').documentElement;
  } catch (error) {
    throw new SceneError(`The scene cannot be read: ${error.message}`);
  }
  if (!root || root.getElementsByTagName('parsererror').length)
    throw new SceneError('The scene cannot be read: it is not XML.');
  const count = { left: MOST };
  const nodes = children(root, 0, count).flatMap((node) =>
    /^(nodes|Scene)$/.test(node.name) ? node.children : [node],
  );
  return { nodes, version };
}

function children(element, depth, count) {
  if (depth > DEEPEST)
    throw new SceneError('The scene cannot be read: its nodes are too deep in each other.');
  const nodes = [];
  for (let child = element.firstChild; child; child = child.nextSibling) {
    if (child.nodeType !== 1) continue;
    count.left -= 1;
    if (count.left < 0) throw new SceneError('The scene cannot be read: it has too many nodes.');
    const attributes = {};
    for (const { name, value } of Array.from(child.attributes)) attributes[name] = value;
    nodes.push({ name: child.nodeName, attributes, children: children(child, depth + 1, count) });
  }
  return nodes;
}

/** The number of a node: ids are `n` and a number. */
export function idOf(node) {
  return node.attributes.id?.replace(/^n(?=\d)/, '');
}

/** All nodes of these, at any depth. */
export function* everyNode(nodes) {
  for (const node of nodes) {
    yield node;
    yield* everyNode(node.children);
  }
}
