"use strict";
// What `dslnas predict` does, in a page: mix, level, resample, windows, and the network on each of them.
const at = (id) => document.getElementById(id);
const { classes, rate, clip, samples } = JSON.parse(at("about").textContent);
const HOPS = 4; // windows of the microphone in a clip
const SMOOTHED = 3; // of these are told together
const SURE = 0.5; // the least probability that is told of the microphone
const SHOWN = Math.max(8, 4 * clip); // seconds of the microphone
const TOGETHER = 64; // windows that go through the network at once
const SILENT = classes.map(() => 0);

// --- the network -------------------------------------------------------------------------------------------

async function unpacked(id) {
  const text = atob(at(id).textContent);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const data = new Uint8Array(await new Response(stream).arrayBuffer());
  at(id).remove();
  return data;
}

let judge; // waves (n * samples) -> the probabilities of each

async function load() {
  const url = URL.createObjectURL(new Blob([await unpacked("script")], { type: "text/javascript" }));
  const ort = await import(url);
  ort.env.wasm.numThreads = 1; // more need headers of a server
  ort.env.wasm.wasmBinary = (await unpacked("wasm")).buffer;
  const session = await ort.InferenceSession.create(await unpacked("model"), { executionProviders: ["wasm"] });
  judge = async (waves) => {
    const count = waves.length / samples;
    const { probabilities } = await session.run({ wave: new ort.Tensor("float32", waves, [count, samples]) });
    const flat = Array.from(probabilities.data);
    return Array.from({ length: count }, (_, row) => flat.slice(row * classes.length, (row + 1) * classes.length));
  };
}

// --- sound ---------------------------------------------------------------------------------------------------

function mono(buffer) {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, n) => buffer.getChannelData(n));
  let wave = channels[0].slice();
  if (channels.length > 1) {
    for (let i = 0; i < wave.length; i++) wave[i] = channels.reduce((sum, one) => sum + one[i], 0) / channels.length;
    const energies = channels.map(energy);
    const most = Math.max(...energies);
    if (energy(wave) < 0.01 * most) wave = channels[energies.indexOf(most)].slice(); // they cancel out
  }
  const peak = wave.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (peak > 1.3) { // less is what resampling adds
    const scale = peak <= 16 ? peak : [7, 15, 23, 31].map((bits) => 2 ** bits).find((full) => peak <= full) ?? peak;
    wave = wave.map((x) => x / scale);
  }
  return wave;
}

const energy = (wave) => wave.reduce((sum, x) => sum + x * x, 0);

async function resampled(wave, own) {
  if (own === rate) return wave;
  const context = new OfflineAudioContext(1, Math.max(1, Math.round((wave.length * rate) / own)), rate);
  const buffer = context.createBuffer(1, wave.length, own);
  buffer.copyToChannel(wave, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.start();
  return (await context.startRendering()).getChannelData(0);
}

function starts(length) {
  if (length <= samples) return [0];
  const found = [];
  for (let place = 0; place < length - samples; place += samples) found.push(place);
  return [...found, length - samples];
}

// --- pictures ------------------------------------------------------------------------------------------------

const SIZE = 2 ** Math.max(6, Math.round(Math.log2(0.025 * rate))); // samples of a column of the spectrogram
const HANN = Float32Array.from({ length: SIZE }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE));
const COLOURS = ["#0c0d26", "#3b1463", "#8a226a", "#d24b40", "#f59c19", "#fcf8a4"].map((hex) =>
  [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16)));

function coloured(value) {
  const place = Math.min(0.999, Math.max(0, value)) * (COLOURS.length - 1);
  const [low, high] = [COLOURS[Math.floor(place)], COLOURS[Math.floor(place) + 1]];
  return low.map((part, n) => part + (place % 1) * (high[n] - part));
}

function levels(wave, from) { // decibels of each frequency of the samples around a place
  const real = new Float32Array(SIZE), imaginary = new Float32Array(SIZE);
  for (let i = 0, j = 0; i < SIZE; i++) {
    real[j] = (wave[from + i] ?? 0) * HANN[i];
    let bit = SIZE >> 1;
    while (j & bit) { j ^= bit; bit >>= 1; }
    j |= bit;
  }
  for (let size = 2; size <= SIZE; size *= 2) {
    for (let turn = 0; turn < size / 2; turn++) {
      const cos = Math.cos((2 * Math.PI * turn) / size), sin = -Math.sin((2 * Math.PI * turn) / size);
      for (let a = turn; a < SIZE; a += size) {
        const b = a + size / 2;
        const re = real[b] * cos - imaginary[b] * sin, im = real[b] * sin + imaginary[b] * cos;
        real[b] = real[a] - re; imaginary[b] = imaginary[a] - im;
        real[a] += re; imaginary[a] += im;
      }
    }
  }
  return Array.from({ length: SIZE / 2 }, (_, k) =>
    10 * Math.log10((real[k] ** 2 + imaginary[k] ** 2) / (SIZE / 4) ** 2 + 1e-10));
}

function sized(canvas) { // a canvas with a pixel for each of the screen
  const box = canvas.getBoundingClientRect(), scale = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(box.width * scale));
  canvas.height = Math.max(1, Math.round(box.height * scale));
  return canvas.getContext("2d");
}

function column(pen, x, width, wave, from) {
  const heard = levels(wave, from), height = pen.canvas.height;
  const image = pen.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    const bin = Math.floor(((height - 1 - y) / height) * heard.length);
    const [r, g, b] = coloured((heard[bin] + 80) / 80);
    for (let i = 0; i < width; i++) image.data.set([r, g, b, 255], 4 * (y * width + i));
  }
  pen.putImageData(image, x, 0);
}

const rows = classes.map((name) => {
  const row = at("classes").insertRow();
  const head = row.appendChild(document.createElement("th"));
  head.scope = "row";
  head.textContent = head.title = name;
  const canvas = row.insertCell().appendChild(document.createElement("canvas"));
  canvas.setAttribute("aria-hidden", "true");
  const number = row.insertCell();
  number.className = "number";
  return { row, canvas, number };
});

const percent = (share) => `${(100 * share).toFixed(1)} %`;

function tell(probabilities, least) { // the label and the figures of each class
  const most = Math.max(...probabilities);
  const first = most > 0 ? probabilities.indexOf(most) : -1;
  const label = first < 0 ? "silent" : most < least ? "–" : classes[first];
  if (at("label").textContent !== label) at("label").textContent = label; // said again only where it changes
  at("probability").textContent = first < 0 || most < least ? "" : percent(most);
  rows.forEach(({ row, number }, n) => {
    row.classList.toggle("first", n === first && most >= least);
    number.textContent = percent(probabilities[n]);
  });
}

function strips(scores, from, to) { // each class over time; scores: {begin, end, probabilities}
  const style = getComputedStyle(document.body);
  rows.forEach(({ canvas }, n) => {
    const pen = sized(canvas), { width, height } = canvas;
    pen.fillStyle = style.getPropertyValue("--accent");
    for (const { begin, end, probabilities } of scores) {
      const left = ((begin - from) / (to - from)) * width, right = ((end - from) / (to - from)) * width;
      const tall = probabilities[n] * height;
      pen.fillRect(left, height - tall, Math.max(1, right - left), tall);
    }
  });
}

function axis(from, to, text) {
  at("axis").replaceChildren(...[from, (from + to) / 2, to].map((second) => {
    const mark = document.createElement("span");
    mark.textContent = text(second);
    return mark;
  }));
}

// --- a recording ---------------------------------------------------------------------------------------------

async function hear(file) {
  await stop();
  state("hearing", `Reading ${file.name} …`);
  let wave;
  try {
    const decoder = new OfflineAudioContext(1, 1, rate); // it resamples what it decodes
    wave = mono(await decoder.decodeAudioData(await file.arrayBuffer()));
  } catch {
    state("ready", `${file.name} holds no sound that this browser can read.`);
    return;
  }
  const places = starts(wave.length), scores = [];
  for (let first = 0; first < places.length; first += TOGETHER) {
    const part = places.slice(first, first + TOGETHER), waves = new Float32Array(part.length * samples);
    part.forEach((place, n) => {
      const window = wave.subarray(place, place + samples);
      waves.set(window, n * samples + Math.floor((samples - window.length) / 2)); // a short one in the middle
    });
    (await judge(waves)).forEach((probabilities, n) => {
      const begin = part[n] / rate;
      scores.push({ begin, end: Math.min(begin + clip, wave.length / rate), probabilities });
    });
  }
  const heard = scores.filter(({ probabilities }) => probabilities.some((one) => one > 0));
  const whole = SILENT.map((_, n) => heard.reduce((sum, one) => sum + one.probabilities[n], 0) / (heard.length || 1));
  tell(whole, 0);
  draw(wave, scores);
  list(scores);
  redraw = () => draw(wave, scores);
  const seconds = (wave.length / rate).toFixed(2);
  state("ready", `${file.name}: ${seconds} s, ${places.length === 1 ? "one window" : `${places.length} windows`}.`);
}

function draw(wave, scores) {
  const seconds = wave.length / rate, pen = sized(at("spectrogram")), width = pen.canvas.width;
  for (let x = 0; x < width; x++) column(pen, x, 1, wave, Math.round((x / width) * wave.length - SIZE / 2));
  strips(scores, 0, seconds);
  axis(0, seconds, (second) => `${second.toFixed(1)} s`);
}

function list(scores) { // the windows of a long recording as a table
  at("windows").hidden = scores.length < 2;
  at("windows").querySelector("summary").textContent = `All ${scores.length} windows`;
  at("windows").querySelector("tbody").replaceChildren(...scores.map(({ begin, end, probabilities }) => {
    const row = document.createElement("tr"), most = Math.max(...probabilities);
    const label = most > 0 ? classes[probabilities.indexOf(most)] : "silent";
    [begin.toFixed(2), end.toFixed(2), label, most > 0 ? percent(most) : ""].forEach((text, n) => {
      const cell = row.insertCell();
      cell.textContent = text;
      if (n !== 2) cell.className = "number";
    });
    return row;
  }));
}

// --- the microphone ------------------------------------------------------------------------------------------

let listening = null;
let redraw = () => {};
const WORKLET = `registerProcessor("tap", class extends AudioWorkletProcessor {
  process([input]) { if (input.length) this.port.postMessage(input[0].slice()); return true; }
});`;

async function listen() {
  const asked = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { ...asked, channelCount: 1 } });
  let context, source;
  try {
    context = new AudioContext({ sampleRate: rate });
    source = context.createMediaStreamSource(stream);
  } catch { // Firefox resamples no microphone: each window is resampled instead
    context = new AudioContext();
    source = context.createMediaStreamSource(stream);
  }
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(WORKLET)}`);
  const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0 });
  const own = context.sampleRate, length = Math.round(clip * own), hop = Math.round(length / HOPS);
  const kept = new Float32Array(length); // the last clip
  const one = { stream, context, total: 0, scores: [], drawn: 0, busy: false };
  const pen = sized(at("spectrogram"));
  const perSecond = pen.canvas.width / SHOWN;
  let due = hop;
  tap.port.onmessage = async ({ data }) => {
    kept.copyWithin(0, data.length);
    kept.set(data, length - data.length);
    one.total += data.length;
    roll(pen, one, kept, own, perSecond);
    due -= data.length;
    if (due > 0 || one.busy) return;
    due = hop;
    one.busy = true;
    const now = one.total / own;
    const wave = (await resampled(kept.slice(), own)).slice(0, samples);
    const window = new Float32Array(samples);
    window.set(wave);
    const [probabilities] = await judge(window);
    one.busy = false;
    if (listening !== one) return;
    const middle = now - clip / 2, half = clip / HOPS / 2;
    one.scores.push({ begin: middle - half, end: middle + half, probabilities });
    one.scores = one.scores.filter(({ end }) => end > now - SHOWN);
    const last = one.scores.slice(-SMOOTHED);
    tell(SILENT.map((_, n) => last.reduce((sum, score) => sum + score.probabilities[n], 0) / last.length), SURE);
    strips(one.scores, now - SHOWN, now);
  };
  source.connect(tap);
  await context.resume();
  listening = one;
  redraw = () => {};
  list([]);
  axis(-SHOWN, 0, (second) => (second ? `${-second} s ago` : "now"));
  at("microphone").textContent = "Stop";
  at("microphone").setAttribute("aria-pressed", "true");
  state("listening", `Listening, at ${own} Hz.`);
}

function roll(pen, one, kept, own, perSecond) { // the spectrogram moves to the left
  const columns = Math.floor((one.total / own) * perSecond) - one.drawn;
  if (columns < 1) return;
  one.drawn += columns;
  const { width } = pen.canvas, shift = Math.min(columns, width);
  pen.drawImage(pen.canvas, -shift, 0);
  const last = Math.round(SIZE * own / rate); // as long a stretch as of a recording
  column(pen, width - shift, shift, kept.subarray(kept.length - last), Math.round((last - SIZE) / 2));
}

async function stop() {
  if (listening === null) return;
  const { stream, context } = listening;
  listening = null;
  stream.getTracks().forEach((track) => track.stop());
  await context.close();
  at("microphone").textContent = "Listen to the microphone";
  at("microphone").setAttribute("aria-pressed", "false");
  state("ready", "Stopped.");
}

// --- the page ------------------------------------------------------------------------------------------------

function state(name, text) {
  document.body.dataset.state = name;
  at("status").textContent = text;
}

at("microphone").addEventListener("click", async () => {
  at("microphone").disabled = true;
  try {
    await (listening ? stop() : listen());
  } catch (error) {
    const refused = error.name === "NotAllowedError" || !navigator.mediaDevices;
    state("ready", refused
      ? "The browser gives this page no microphone. Allow it, or open the page by way of http://localhost."
      : `There is no microphone to listen to (${error.message}).`);
  }
  at("microphone").disabled = false;
});
at("file").addEventListener("change", async () => {
  if (at("file").files.length) await hear(at("file").files[0]);
  at("file").value = ""; // so that the same one can be chosen again
});
window.addEventListener("resize", () => redraw());

load().then(
  () => {
    at("microphone").disabled = at("file").disabled = false;
    state("ready", "Ready.");
  },
  (error) => state("broken", `This browser cannot run the network: ${error.message}`),
);
