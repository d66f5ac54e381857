import { AnswerBudget } from './answer-budget.js';
import { PrometheusError } from './prometheus.error.js';

describe('AnswerBudget', () => {
  it('refuses an answer that does not fit until another has been sent', () => {
    const budget = new AnswerBudget();
    const release = budget.hold(3_000_000);
    expect(() => budget.hold(1_500_000)).toThrow(PrometheusError);
    release();
    release();
    budget.hold(3_900_000);
    expect(() => budget.hold(200_000)).toThrow(/limit/);
  });

  it('always accepts small answers and a single large one', () => {
    const budget = new AnswerBudget();
    budget.hold(9_000_000);
    for (let answer = 0; answer < 1_000; answer++) budget.hold(10_000);
    expect(() => budget.hold(10_001)).toThrow(PrometheusError);
  });
});
