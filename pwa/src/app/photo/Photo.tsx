/** One photo, from this phone or from the municipality, or a word on why it cannot be shown now. */
import { useEffect, useState } from "preact/hooks";
import { onPhotoGone, photoUrl } from "../state/index.ts";
import { Icon } from "../ui/Icon.tsx";
import { photo as w } from "../words/photo.ts";

/** `report`: whose photo of the municipality it is; none for one of this phone. */
export function Photo(props: { id: string; alt: string; width?: 320 | 1280; report?: string }) {
  const [url, setUrl] = useState<string | null | undefined>(undefined);
  useEffect(() => {
    let alive = true;
    const stop = onPhotoGone(props.id, () => alive && setUrl(null));
    photoUrl(props.id, props.width ?? 320, props.report ?? null).then(
      (found) => alive && setUrl(found),
      () => alive && setUrl(null),
    );
    return () => {
      alive = false;
      stop();
    };
  }, [props.id, props.width, props.report]);
  if (url === undefined) return <span class="unseen">{props.alt}</span>;
  if (url === null)
    return (
      <span class="photo__none" role="img" aria-label={`${props.alt}: ${w.notHere}`}>
        <Icon name="gallery" />
      </span>
    );
  return <img src={url} alt={props.alt} decoding="async" />;
}
