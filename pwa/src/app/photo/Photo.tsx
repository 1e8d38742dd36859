/** One photo, from this phone or from the municipality, or a word on why it cannot be shown now. */
import { useEffect, useState } from "preact/hooks";
import { photoUrl } from "../state/index.ts";
import { Icon } from "../ui/Icon.tsx";
import { photo as w } from "../words/photo.ts";

export function Photo(props: { id: string; alt: string; width?: 320 | 1280 }) {
  const [url, setUrl] = useState<string | null | undefined>(undefined);
  useEffect(() => {
    let alive = true;
    photoUrl(props.id, props.width ?? 320).then(
      (found) => alive && setUrl(found),
      () => alive && setUrl(null),
    );
    return () => {
      alive = false;
    };
  }, [props.id, props.width]);
  if (url === undefined) return <span class="unseen">{props.alt}</span>;
  if (url === null)
    return (
      <span class="photo__none" role="img" aria-label={`${props.alt}: ${w.notHere}`}>
        <Icon name="gallery" />
      </span>
    );
  return <img src={url} alt={props.alt} decoding="async" />;
}
