import { z } from 'zod';

/**
 * How far a server has to prove itself. verify: its certificate and its name. verify_ca: its certificate alone, by an authority of one's
 * own. encrypt: not at all, whoever answers is believed. none: no encryption, only to this very computer.
 */
export const tlsMode = z.enum(['verify', 'verify_ca', 'encrypt', 'none']);

/** Text with lines of `-----BEGIN …-----`. */
const pem = z.string().trim().min(1).max(200_000);

/** What a TLS connection is made with, besides the address. */
export const tlsTrust = {
  /** Certificates of the authorities that are believed, in place of the usual ones; null: the usual ones. */
  ca: pem.nullable().default(null),
  /** The name that the certificate has to be made out to; null: the host's. */
  serverName: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .regex(/^[^\p{C}\s]*$/u, 'has characters that no name has')
    .nullable()
    .default(null),
  /** The client's own, with those between it and its authority. Both or none of the two. */
  certificate: pem.nullable().default(null),
  /** A secret, as a password is. */
  key: pem.meta({ secret: true }).nullable().default(null),
};

export type TlsMode = z.infer<typeof tlsMode>;
export interface TlsTrust {
  readonly tls: TlsMode;
  readonly ca: string | null;
  readonly serverName: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
}
