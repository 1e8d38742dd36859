/**
 * Screens that load when used. Their chunks are precached, so this works without signal.
 *
 * Law: a chunk that fails to load says so and loses nothing; it never leaves a blank page.
 */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button } from "./ui/Button.tsx";
import { common as w } from "./words/common.ts";

export function lazy<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  let ready: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [, turn] = useState(0);
    const [lost, setLost] = useState(false);
    useEffect(() => {
      if (ready) return;
      let alive = true;
      load().then(
        (module) => {
          ready = module.default;
          if (alive) turn((v) => v + 1);
        },
        () => alive && setLost(true),
      );
      return () => {
        alive = false;
      };
    }, []);
    if (ready) {
      const Ready = ready;
      return <Ready {...props} />;
    }
    if (!lost) return <p class="body muted">{w.loading}</p>;
    return (
      <div class="body" role="alert">
        <p>{w.chunkLost}</p>
        <Button main onClick={() => location.reload()}>
          {w.reload}
        </Button>
      </div>
    );
  };
}
