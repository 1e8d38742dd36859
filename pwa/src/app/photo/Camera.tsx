/** The camera inside the page: one big button. Every track is stopped when it closes. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { photo as w } from "../words/photo.ts";
import "./camera.css";

interface CameraProps {
  onPhoto: (blob: Blob) => void;
  onClose: () => void;
  onRefused: () => void;
}

export default function Camera(props: CameraProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [live, setLive] = useState(false);
  const [refused, setRefused] = useState(false);

  useEffect(() => {
    let stream: MediaStream | null = null;
    let alive = true;
    dialog.current?.showModal();
    navigator.mediaDevices
      .getUserMedia({
        audio: false,
        video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1440 } },
      })
      .then(
        (opened) => {
          stream = opened;
          if (!alive || !video.current) return stop(opened);
          video.current.srcObject = opened;
          void video.current.play();
        },
        () => alive && setRefused(true),
      );
    return () => {
      alive = false;
      if (stream) stop(stream);
      dialog.current?.close();
    };
  }, []);

  function shoot() {
    const from = video.current;
    if (!from?.videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = from.videoWidth;
    canvas.height = from.videoHeight;
    canvas.getContext("2d")?.drawImage(from, 0, 0);
    canvas.toBlob((blob) => blob && props.onPhoto(blob), "image/jpeg", 0.92);
  }

  return (
    <dialog
      ref={dialog}
      class="camera"
      aria-label={w.take}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      {refused ? (
        <div class="camera__said" role="alert">
          <p>{w.refused}</p>
          <Button main big onClick={props.onRefused}>
            {w.gallery}
          </Button>
        </div>
      ) : (
        <video
          ref={video}
          class="camera__view"
          playsInline
          muted
          onPlaying={() => setLive(true)}
          aria-label={w.take}
        />
      )}
      <div class="camera__bar">
        <button type="button" class="camera__close" aria-label={w.close} onClick={props.onClose}>
          <Icon name="close" />
        </button>
        {!refused && (
          <button type="button" class="camera__shoot" aria-label={w.shoot} disabled={!live} onClick={shoot}>
            <Icon name="camera" />
          </button>
        )}
      </div>
      {!live && !refused && <p class="camera__wait">{w.starting}</p>}
    </dialog>
  );
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
