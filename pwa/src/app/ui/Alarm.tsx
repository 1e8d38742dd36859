/** The full-width black bar of an emergency, which says first that somebody is in danger. */
import { common as w } from "../words/common.ts";
import { Icon } from "./Icon.tsx";

export function Alarm({ danger, page }: { danger: boolean; page?: boolean | undefined }) {
  const Tag = page ? "p" : "span";
  return (
    <Tag class="alarm">
      <Icon name="siren" />
      {danger ? w.danger : w.emergency}
    </Tag>
  );
}
