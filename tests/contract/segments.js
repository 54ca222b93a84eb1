// Reads a JSON list of texts; writes, for each, what the provider's own calculator says of it:
// [alphabet, segments] as it is, and again with the provider's smart encoding.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const { SegmentedMessage } = createRequire(`${process.argv[2]}/`)("sms-segments-calculator");

const said = (text, smart) => {
  const message = new SegmentedMessage(text, "auto", smart);
  return [message.encodingName, message.segmentsCount];
};

const texts = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map((text) => [said(text, false), said(text, true)])));
