-- Five deposits: a directory, two of the same figure of which the second corrects the first, one that is withdrawn, its
-- withdrawal. The order of the ids is not that of the moments.
insert into lake.deposits (deposit, submitted_at, author, dataset, rows_read, rows_accepted, findings, withdraws) values
    ('d1', '2026-01-01 10:00:00', 'accueil', 'structures', 1, 1, '[]', null),
    ('d2', '2026-04-02 10:00:00', 'accueil', 'measures', 2, 2, '[]', null),
    ('d3', '2026-04-02 10:00:00.000001', 'accueil', 'measures', 1, 1, '[]', null),
    ('d5', '2026-05-03 10:00:00', 'accueil', 'measures', 1, 1, '[]', null),
    ('d4', '2026-05-02 10:00:00', 'accueil', 'withdrawal', 0, 0, '[]', 'd5');
insert into lake.structures (deposit, submitted_at, line, structure, name, kind, region, country) values
    ('d1', '2026-01-01 10:00:00', 2, 'atelier-ternoise', 'Atelier Ternoise (fictif)', 'ACI', 'normandie', 'FR');
insert into lake.measures
    (deposit, submitted_at, line, structure, period, period_end, indicator, segment, numerator, denominator)
values
    ('d2', '2026-04-02 10:00:00', 2, 'atelier-ternoise', '2026-T1', '2026-03-31', 'dynamic_exit_rate', 'ensemble', 20, 96),
    ('d2', '2026-04-02 10:00:00', 3, 'atelier-ternoise', '2026-T2', '2026-06-30', 'dynamic_exit_rate', 'ensemble', 21, 96),
    ('d3', '2026-04-02 10:00:00.000001', 2, 'atelier-ternoise', '2026-T1', '2026-03-31', 'dynamic_exit_rate', 'ensemble', 30, 96),
    ('d5', '2026-05-03 10:00:00', 2, 'atelier-ternoise', '2026-T2', '2026-06-30', 'dynamic_exit_rate', 'ensemble', 99, 96);
