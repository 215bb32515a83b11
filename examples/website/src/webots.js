/**
 * The browser client of web simulations: `new webots.View(element).open(url)`. A module to import, and
 * for pages made for Webots' own client also the global object `webots`.
 */
import { parameters } from './parameters.js';
import { View } from './view.js';

export const webots = Object.assign(parameters, globalThis.webots, { View });
globalThis.webots = webots;

export { View };
