/**
 * Who reported, for whoever must go or call: by name and telephone where the person agreed, else by their office.
 *
 * Law: shows what the copy holds and no more; contact data is in it only while the report is open.
 */
import type { LocalReport } from "../state/contract.ts";
import { LinkButton } from "../ui/Button.tsx";
import { common } from "../words/common.ts";
import { report as w } from "../words/report.ts";

export function Reporter({ report }: { report: LocalReport }) {
  const { contact, for_whom } = report;
  const phone = (contact?.phone ?? "").replace(/[^\d+]/g, "");
  const role = report.timeline.find((entry) => entry.kind === "captured")?.role;
  const by = role ? common.role[role] : null;
  if (!contact && !by) return null;
  return (
    <section class="stack" data-reporter>
      <h2>{w.reporter}</h2>
      <p>
        {contact?.name && <span class="strong">{contact.name}</span>}
        {contact?.name && by ? " · " : ""}
        {by}
        {for_whom && for_whom !== "self" ? ` · ${w.forWhom[for_whom]}` : ""}
      </p>
      {phone ? (
        <div class="two">
          <LinkButton big icon="call" href={`tel:${phone}`}>
            {w.call(contact?.name ?? contact?.phone ?? "")}
          </LinkButton>
          <LinkButton icon="message" blank href={`https://wa.me/${international(phone)}`}>
            {w.whatsapp}
          </LinkButton>
        </div>
      ) : (
        <p class="small muted">{w.noCall}</p>
      )}
    </section>
  );
}

/** Ten digits are a Mexican number without its country code. */
export function international(phone: string): string {
  const digits = phone.replace(/\D/g, "");
  return digits.length === 10 ? `52${digits}` : digits;
}
