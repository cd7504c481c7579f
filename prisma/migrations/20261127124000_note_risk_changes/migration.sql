-- What the assessment says of a customer is a fact for the conditions of a policy.
CREATE TRIGGER noted_insert AFTER INSERT ON customer_risk REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('true');
CREATE TRIGGER noted_update AFTER UPDATE ON customer_risk REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('true');
