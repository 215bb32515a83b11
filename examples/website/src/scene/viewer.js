import * as THREE from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { fitCamera, placeCamera } from './viewpoint.js';

/** How far an arrow key turns, radians, and how much a plus or minus key comes nearer. */
const TURN = 0.08;
const NEARER = 0.9;

/** Frames that are looked at before drawing is made simpler, and the mean that is too late, milliseconds. */
const LOOKED_AT = 12;
const TOO_LATE = 60;

/** Shows a world on a canvas, and lets people look around. Draws only when something has changed. */
export class Viewer {
  #renderer;
  #camera = new THREE.PerspectiveCamera(45, 1, 0.01, 1000);
  #controls;
  #world;
  #frame = 0;
  #lateness = { drawn: 0, sum: 0, worst: 0 };
  #recent = [];
  #simpler = 0;

  /** @param {HTMLElement} element is filled. Throws where the browser has no WebGL. */
  constructor(element) {
    this.#renderer = new THREE.WebGLRenderer({ antialias: true });
    this.#renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
    this.#renderer.shadowMap.enabled = true;
    this.canvas = this.#renderer.domElement;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'img');
    element.append(this.canvas);
    this.canvas.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#resize(element)).observe(element);
  }

  /** How many frames were drawn, and how late after what they show: mean and worst, milliseconds. */
  get figures() {
    const { drawn, sum, worst } = this.#lateness;
    return { drawn, mean: drawn ? sum / drawn : 0, worst };
  }

  /** Shows a world from its own viewpoint. */
  show(world) {
    this.#world = world;
    this.canvas.setAttribute('aria-label', `The world ${world.title}`.trim());
    this.lookAgain();
  }

  /** Back to the world's own viewpoint. */
  lookAgain() {
    const world = this.#world;
    if (!world) return;
    const box = new THREE.Box3().setFromObject(world.scene);
    const size = box.isEmpty() ? 10 : box.getSize(new THREE.Vector3()).length();
    this.#camera.near = Math.max(0.001, size / 2000);
    this.#camera.far = Math.max(100, 20 * size);
    this.#fitShadows(world.scene, size);
    if (this.#simpler > 0) withoutShadows(world.scene);
    const target = placeCamera(world, this.#camera);
    // Controls read only once which way is up.
    this.#controls?.dispose();
    this.#controls = new OrbitControls(this.#camera, this.canvas);
    this.#controls.zoomToCursor = true;
    this.#controls.target.copy(target);
    this.#controls.addEventListener('change', () => this.draw());
    this.#controls.update();
    fitCamera(this.#camera, this.canvas.clientWidth || 1, this.canvas.clientHeight || 1);
    this.draw();
  }

  /** Draws soon, once, however often it is asked to. */
  draw() {
    if (this.#frame || !this.#world) return;
    const since = performance.now();
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#renderer.render(this.#world.scene, this.#camera);
      this.#drew(performance.now() - since);
    });
  }

  /** Where frames are late again and again, shadows go first, then some of the sharpness. */
  #drew(late) {
    const lateness = this.#lateness;
    lateness.drawn += 1;
    lateness.sum += late;
    lateness.worst = Math.max(lateness.worst, late);
    this.#recent.push(late);
    if (this.#recent.length < LOOKED_AT) return;
    const mean = this.#recent.reduce((sum, it) => sum + it, 0) / this.#recent.length;
    this.#recent = [];
    if (mean < TOO_LATE || this.#simpler > 1) return;
    if (this.#simpler === 0) withoutShadows(this.#world.scene);
    else this.#renderer.setPixelRatio(0.6 * this.#renderer.getPixelRatio());
    this.#simpler += 1;
  }

  #resize(element) {
    const { clientWidth: width, clientHeight: height } = element;
    if (width === 0 || height === 0) return;
    this.#renderer.setSize(width, height, false);
    fitCamera(this.#camera, width, height);
    this.draw();
  }

  /** Shadows are drawn where the world is. */
  #fitShadows(scene, size) {
    scene.traverse((light) => {
      if (!light.isDirectionalLight) return;
      const reach = Math.min(50, Math.max(1, size / 2));
      const distance = light.position.length() || 1;
      light.position.multiplyScalar((2 * reach) / distance);
      const { camera } = light.shadow;
      [camera.left, camera.right, camera.top, camera.bottom] = [-reach, reach, reach, -reach];
      camera.far = 5 * reach;
      camera.updateProjectionMatrix();
    });
  }

  /** Arrow keys turn, with shift they move; plus and minus go nearer and away, home goes back. */
  #key(event) {
    if (!this.#controls || event.ctrlKey || event.metaKey || event.altKey) return;
    const turns = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (Object.hasOwn(turns, event.key)) {
      const [x, y] = turns[event.key];
      if (event.shiftKey) this.#move(x, -y);
      else this.#turn(x * TURN, y * TURN);
    } else if (event.key === '+' || event.key === '=') {
      this.#zoom(NEARER);
    } else if (event.key === '-') {
      this.#zoom(1 / NEARER);
    } else if (event.key === 'Home') {
      this.lookAgain();
    } else {
      return;
    }
    event.preventDefault();
  }

  #turn(around, over) {
    const offset = this.#offset();
    const up = this.#camera.up;
    const toUp = new THREE.Quaternion().setFromUnitVectors(up, new THREE.Vector3(0, 1, 0));
    const polar = new THREE.Spherical().setFromVector3(offset.applyQuaternion(toUp));
    polar.theta += around;
    polar.phi = Math.min(Math.PI - 0.01, Math.max(0.01, polar.phi + over));
    offset.setFromSpherical(polar).applyQuaternion(toUp.invert());
    this.#camera.position.copy(this.#controls.target).add(offset);
    this.#controls.update();
  }

  #zoom(factor) {
    this.#camera.position.copy(this.#controls.target).addScaledVector(this.#offset(), factor);
    this.#controls.update();
  }

  #move(right, up) {
    const step = 0.05 * this.#offset().length();
    const shift = new THREE.Vector3(right * step, up * step, 0).applyQuaternion(this.#camera.quaternion);
    this.#camera.position.add(shift);
    this.#controls.target.add(shift);
    this.#controls.update();
  }

  #offset() {
    return this.#camera.position.clone().sub(this.#controls.target);
  }
}

function withoutShadows(scene) {
  scene.traverse((object) => {
    object.castShadow = false;
  });
}
