/**
 * The sound of an emergency: three pairs of tones and a shake, made on the phone itself.
 *
 * Law: nothing is fetched, and a browser that will not play before somebody has touched the page still shakes.
 */

/** Hertz: two tones that a street's noise does not hide, a fourth apart. */
const TONES = [988, 740] as const;
const TIMES = 3;
const SECONDS = 0.22;

let context: AudioContext | null = null;

export function ring(): void {
  navigator.vibrate?.([300, 120, 300, 120, 600]);
  if (typeof AudioContext === "undefined" || navigator.userActivation?.hasBeenActive === false) return;
  context ??= new AudioContext();
  const sound = context;
  void sound.resume().then(() => {
    const begin = sound.currentTime + 0.05;
    let last: OscillatorNode | undefined;
    for (let at = 0; at < TIMES * TONES.length; at++) {
      last = tone(sound, TONES[at % TONES.length] as number, begin + at * SECONDS);
    }
    // An open audio line keeps the phone awake.
    if (last) last.onended = () => void sound.suspend();
  });
}

function tone(sound: AudioContext, hertz: number, at: number): OscillatorNode {
  const voice = sound.createOscillator();
  const loudness = sound.createGain();
  voice.frequency.value = hertz;
  // Square would be shrill; without a slope each tone would click.
  voice.type = "triangle";
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(0.9, at + 0.02);
  loudness.gain.setValueAtTime(0.9, at + SECONDS - 0.04);
  loudness.gain.linearRampToValueAtTime(0, at + SECONDS);
  voice.connect(loudness).connect(sound.destination);
  voice.start(at);
  voice.stop(at + SECONDS);
  return voice;
}
