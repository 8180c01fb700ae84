import type { ReactNode } from 'react';
import type {
  ReportChart,
  ReportDocument,
  ReportFigure,
  ReportSection,
  ReportTable,
} from '../../src-main/contract/report-document.ts';
import classes from './report-paper.module.css';

/** The report as it will be printed: the same texts, in the client's colours, on paper in both themes. */
export function ReportPaper({ document }: { document: ReportDocument }): ReactNode {
  const { brand } = document;
  return (
    <article className={classes['paper']} lang={document.language} aria-label={`${document.title}, ${brand.name}`}>
      <header className={classes['head']} style={{ background: brand.colour, color: brand.onColour }}>
        {brand.logo === null ? null : <img className={classes['logo']} src={brand.logo} alt="" />}
        <p className={classes['name']}>{brand.name}</p>
        <h2>{document.title}</h2>
        <p>{document.period}</p>
      </header>
      {document.notes.map((note) => (
        <p key={note} className={classes['note']} style={{ borderColor: brand.ink }}>
          {note}
        </p>
      ))}
      <Figures figures={document.figures} />
      {document.sections.map((section) => (
        <Section key={section.id} section={section} ink={brand.ink} />
      ))}
      <section className={classes['stamps']} style={{ borderColor: brand.ink }}>
        <h3 style={{ color: brand.ink }}>{document.stampsTitle}</h3>
        <dl>
          {document.stamps.map(({ label, text }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </section>
      <footer>{brand.footer}</footer>
    </article>
  );
}

function Figures({ figures }: { figures: readonly ReportFigure[] }): ReactNode {
  return (
    <dl className={classes['figures']}>
      {figures.map(({ label, text, note }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <b>{text}</b>
            {note === null ? null : <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Section({ section, ink }: { section: ReportSection; ink: string }): ReactNode {
  return (
    <section>
      <h3 style={{ color: ink }}>{section.title}</h3>
      {section.chart ? <Chart chart={section.chart} ink={ink} /> : null}
      {section.sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {section.figures.length > 0 ? <Figures figures={section.figures} /> : null}
      {section.table ? <Table table={section.table} /> : null}
    </section>
  );
}

/** Drawn for the eye alone: the table of its section has every figure. */
function Chart({ chart: { kind, label, bars }, ink }: { chart: ReportChart; ink: string }): ReactNode {
  return (
    <figure className={classes[kind]} aria-label={label}>
      {bars.map((bar, index) => (
        // Two workflows may have one name.
        // eslint-disable-next-line react/no-array-index-key
        <span key={index} title={`${bar.label}: ${bar.text}`}>
          <i style={{ background: ink, [kind === 'columns' ? 'height' : 'width']: `${bar.part * 100}%` }} />
          <small>{bar.label}</small>
        </span>
      ))}
    </figure>
  );
}

function Table({ table: { caption, columns, rows, total } }: { table: ReportTable }): ReactNode {
  const row = (cells: readonly string[]): ReactNode =>
    cells.map((cell, index) =>
      index === 0 ? (
        <th key={columns[index]?.label} scope="row">
          {cell}
        </th>
      ) : (
        <td key={columns[index]?.label} data-kind={columns[index]?.kind}>
          {cell}
        </td>
      ),
    );
  return (
    <table>
      <caption className="td-unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ label, kind }) => (
            <th key={label} scope="col" data-kind={kind}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, index) => (
          // eslint-disable-next-line react/no-array-index-key
          <tr key={index}>{row(cells)}</tr>
        ))}
      </tbody>
      {total === null ? null : (
        <tfoot>
          <tr>{row(total)}</tr>
        </tfoot>
      )}
    </table>
  );
}
