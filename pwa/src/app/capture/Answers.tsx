/** What the search says before the types it found: 911 first, whose matter it is, or that nothing was found. */
import { find, toldOf, whose } from "../finding/index.ts";
import { municipality } from "../state/index.ts";
import { LinkButton } from "../ui/Button.tsx";
import { capture as w } from "../words/capture.ts";

/** A kind that nobody reports here is told of only where it is as likely as what stands first. */
const TOLD_OF = 2;

export function Answers({ query, urgent }: { query: string; urgent: boolean }) {
  const found = find(query);
  const phone = municipality.value?.emergency_phone ?? "911";
  const said = [
    ...found.elsewhere.map(whose),
    ...found.types.slice(0, TOLD_OF).map((type) => toldOf(type)),
  ].filter((sentence) => sentence);
  return (
    <>
      {found.help && !urgent && (
        <>
          <p role="alert">{w.helpFirst}</p>
          <LinkButton risk big wide icon="call" href={`tel:${phone}`}>
            {w.danger.call(phone)}
          </LinkButton>
        </>
      )}
      {said.map((sentence) => (
        <p class="panel" role="status" key={sentence}>
          {sentence}
        </p>
      ))}
      {found.types.length === 0 && said.length === 0 && !found.help && <p role="status">{w.nothingFound}</p>}
    </>
  );
}
