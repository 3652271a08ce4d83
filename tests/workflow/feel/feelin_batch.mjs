// Reads [[expression, context], …] on stdin and writes the values that feelin gives, in order.
import { evaluate } from '@bpmn-io/feelin';
import { readFileSync } from 'node:fs';

const cases = JSON.parse(readFileSync(0, 'utf8'));
const values = cases.map(([expression, context]) => {
  try {
    return { value: evaluate(expression, context).value };
  } catch (error) {
    return { error: String(error.message) };
  }
});

process.stdout.write(JSON.stringify(values));
