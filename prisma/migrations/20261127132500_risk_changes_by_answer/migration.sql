-- A new score, grade or segment is a changed fact for the decisions; that only the figures behind it or
-- the day of the next look moved is none.
CREATE FUNCTION note_risk_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO fact_change (book_id, customer_id, is_assessed)
    SELECT c.book_id, c.customer_id, true FROM became c
    WHERE EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  ELSE
    INSERT INTO fact_change (book_id, customer_id, is_assessed)
    SELECT c.book_id, c.customer_id, true
    FROM became c JOIN was w ON w.book_id = c.book_id AND w.customer_id = c.customer_id
    WHERE (c.score, c.grade, c.segment) IS DISTINCT FROM (w.score, w.grade, w.segment)
      AND EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER noted_insert AFTER INSERT ON customer_risk REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_risk_change();
CREATE TRIGGER noted_update AFTER UPDATE ON customer_risk REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_risk_change();
