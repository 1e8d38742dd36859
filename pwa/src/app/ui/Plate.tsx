/** A folio as a street plate. */
export function Plate(props: { what: string; folio: string }) {
  return (
    <p class="plate">
      <span class="plate__in">
        <span class="plate__what">{props.what}</span>
        <span class="plate__folio" data-folio>
          {props.folio}
        </span>
      </span>
    </p>
  );
}
