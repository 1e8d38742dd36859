/** Reads a QR with the camera: the browser's own detector where it has one, otherwise decoded here. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../ui/Icon.tsx";
import { photo as w } from "../words/photo.ts";
import "./camera.css";

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type DetectorClass = new (options: { formats: string[] }) => Detector;

/** A frame's text, or null where no code is seen yet. */
type Read = (video: HTMLVideoElement) => Promise<string | null>;

async function reader(): Promise<Read> {
  const Native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (Native) {
    try {
      const detector = new Native({ formats: ["qr_code"] });
      return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the class exists but not for this format
    }
  }
  const { default: decodeQR } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, 720 / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!context || !canvas.width) return null;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    try {
      return decodeQR({ width: image.width, height: image.height, data: image.data });
    } catch (error) {
      if (error instanceof Error) return null; // no code in this frame
      throw error;
    }
  };
}

export default function Scanner(props: { onText: (text: string) => void; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    let alive = true;
    let stream: MediaStream | null = null;
    dialog.current?.showModal();
    async function run() {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: "environment" },
      });
      const view = video.current;
      if (!alive || !view) return;
      view.srcObject = stream;
      await view.play();
      const read = await reader();
      while (alive) {
        const text = await read(view);
        if (text && alive) return props.onText(text);
        await new Promise(requestAnimationFrame);
      }
    }
    run().catch(() => alive && setRefused(true));
    return () => {
      alive = false;
      for (const track of stream?.getTracks() ?? []) track.stop();
      dialog.current?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="camera"
      aria-label={w.scanning}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <video ref={video} class="camera__view" playsInline muted aria-label={w.scanning} />
      {!refused && <span class="scan__frame" />}
      <p class="camera__said" role="status">
        {refused ? w.scanRefused : w.scanning}
      </p>
      <div class="camera__bar">
        <button type="button" class="camera__close" aria-label={w.close} onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </div>
    </dialog>
  );
}
