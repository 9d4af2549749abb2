/** What an endpoint may do with a message: answer with one of these codes, ring (180), or drop it silently. */
export type Outcome = number | "dropped";

/** One message of RFC 4475. */
export interface TortureCase {
  readonly file: string;
  /** Its section in RFC 4475. */
  readonly section: string;
  readonly about: string;
  /** What the RFC has an endpoint do, or allows it to; the first is what it prefers. */
  readonly expected: readonly Outcome[];
}

const row = (section: string, file: string, expected: readonly Outcome[], about: string): TortureCase => ({
  file,
  section,
  about,
  expected,
});

/**
 * Every message of RFC 4475 §3 and what it asks of an endpoint that is registrar and user agent in one, as the box is.
 * REGISTERs that can be read are challenged (401) before anything else of them is looked at (RFC 3261 §22).
 */
export const tortureCases: readonly TortureCase[] = [
  row("3.1.1.1", "valid/wsinv.dat", [481, 180], "a short tortuous INVITE; its To has a tag, so it belongs to a dialog"),
  row("3.1.1.2", "valid/intmeth.dat", [501, 405], "a wide range of valid characters; the method is nobody's"),
  row("3.1.1.3", "valid/esc01.dat", [180, 404], "valid use of the % escape in a URI"),
  row("3.1.1.4", "valid/escnull.dat", [401, 200], "escaped nulls in URIs of a REGISTER"),
  row("3.1.1.5", "valid/esc02.dat", [501, 405], "% in a method is no escape: RE%47IST%45R is not REGISTER"),
  row("3.1.1.6", "valid/lwsdisp.dat", [200], "no space between display name and <"),
  row("3.1.1.7", "valid/longreq.dat", [180, 404], "long values in header fields"),
  row("3.1.1.8", "valid/dblreq.dat", [401, 200], "bytes behind the body are not another request"),
  row("3.1.1.9", "valid/semiuri.dat", [200], "a semicolon in the user part"),
  row("3.1.1.10", "valid/transports.dat", [200], "varied and unknown transports in Via"),
  row("3.1.1.11", "valid/mpart01.dat", [200, 202, 415, 401, 403, 405], "a MESSAGE with multipart MIME"),
  row("3.1.1.12", "valid/unreason.dat", ["dropped"], "an unusual reason phrase; a response to nothing we sent"),
  row("3.1.1.13", "valid/noreason.dat", ["dropped"], "an empty reason phrase; a response to nothing we sent"),
  row("3.1.2.1", "invalid/badinv01.dat", [400], "extraneous separators between header fields' values"),
  row("3.1.2.2", "invalid/clerr.dat", [400], "Content-Length larger than the datagram"),
  row("3.1.2.3", "invalid/ncl.dat", [400], "a negative Content-Length"),
  row("3.1.2.4", "invalid/scalar02.dat", [400], "numbers of a request beyond their range"),
  row("3.1.2.5", "invalid/scalarlg.dat", ["dropped"], "numbers of a response beyond their range"),
  row("3.1.2.6", "invalid/quotbal.dat", [400], "a display name whose quote does not end"),
  row("3.1.2.7", "invalid/ltgtruri.dat", [400], "<> around the Request-URI"),
  row("3.1.2.8", "invalid/lwsruri.dat", [400], "white space in the Request-URI"),
  row("3.1.2.9", "invalid/lwsstart.dat", [400], "several spaces in the request line"),
  row("3.1.2.10", "invalid/trws.dat", [400], "spaces at the end of the request line"),
  row("3.1.2.11", "invalid/escruri.dat", [400], "escaped headers in the Request-URI"),
  row("3.1.2.12", "invalid/baddate.dat", [180, 404, 400], "a time zone in Date that is none: the field may be ignored"),
  row("3.1.2.13", "invalid/regbadct.dat", [400, 401], "a Contact URI with headers that is not in <>"),
  row("3.1.2.14", "invalid/badaspec.dat", [400], "spaces inside an addr-spec"),
  row("3.1.2.15", "invalid/baddn.dat", [400, 200], "a display name of characters that are no token"),
  row("3.1.2.16", "invalid/badvers.dat", [505], "an unknown version of SIP"),
  row("3.1.2.17", "invalid/mismatch01.dat", [400], "the method differs from the one in CSeq"),
  row("3.1.2.18", "invalid/mismatch02.dat", [501, 400], "the same with an unknown method"),
  row("3.1.2.19", "invalid/bigcode.dat", ["dropped"], "a response code beyond 699"),
  row("3.2.1", "invalid/badbranch.dat", [200], "a branch of nothing but the magic cookie: matched as RFC 2543 does"),
  row("3.3.1", "invalid/insuf.dat", [400], "Call-ID, From and To are missing"),
  row("3.3.2", "invalid/unkscm.dat", [416], "a Request-URI of an unknown scheme"),
  row("3.3.3", "invalid/novelsc.dat", [416], "a Request-URI of a known scheme that is not SIP's"),
  row("3.3.4", "invalid/unksm2.dat", [401, 200], "unknown schemes in To, From and Contact"),
  row("3.3.5", "invalid/bext01.dat", [420], "extensions are required that nobody knows"),
  row("3.3.6", "invalid/invut.dat", [415], "a body of an unknown type"),
  row("3.3.7", "invalid/regaut01.dat", [401], "an Authorization of an unknown scheme is none"),
  row("3.3.8", "invalid/multi01.dat", [400], "several values where one is allowed"),
  row("3.3.9", "invalid/mcl01.dat", [400], "several Content-Lengths"),
  row("3.3.10", "invalid/bcast.dat", ["dropped"], "a response whose Via is the broadcast address"),
  row("3.3.11", "invalid/zeromf.dat", [200], "Max-Forwards 0: only a proxy may not pass it on"),
  row("3.3.12", "invalid/cparam01.dat", [401, 200], "an unknown parameter of Contact"),
  row("3.3.13", "invalid/cparam02.dat", [401, 200], "an unknown parameter of a Contact's URI"),
  row("3.3.14", "invalid/regescrt.dat", [401, 200, 400], "an escaped header in a Contact's URI"),
  row("3.3.15", "invalid/sdp01.dat", [406], "the caller does not read SDP"),
  row("3.4.1", "invalid/inv2543.dat", [180, 400], "an INVITE of RFC 2543: no tags, no branch, no Contact"),
];
