// The values that the domain knows, for forms and filters to choose from.
export const CATEGORIES = [
  'patrol', 'visit', 'inspection', 'environment', 'safety', 'facilities', 'traffic', 'order', 'fire', 'flood', 'dyke', 'rescue', 'drowning', 'heat',
  'farming', 'health', 'publicity', 'statistics', 'insurance', 'students', 'service', 'duty', 'dispute', 'assistance', 'suggestion', 'complaint',
  'advice', 'permit', 'other', 'uncategorised',
]
export const SOURCES = ['grid_worker', 'resident', 'hotline', 'patrol', 'video', 'inspection', 'leader', 'department', 'import']
export const SEVERITIES = ['1', '2', '3', '4', '5', 'IV', 'III', 'II', 'I']
export const LIMITS = ['working_hours', 'working_days', 'clock_hours', 'calendar_days']
/** Of households. */
export const CLASSES = ['high_risk', 'key', 'general']
/** At which a dispute is mediated, from below. */
export const MEDIATION = ['courtyard', 'village', 'town']
